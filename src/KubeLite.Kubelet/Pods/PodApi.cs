using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Kubelet.Pods;

/// <summary>Writes through the API client, a bounded number of requests at once.</summary>
internal sealed class PodApi(ApiClient client) : IPodApi, IDisposable
{
    private const int MaxRequests = 64;

    private readonly SemaphoreSlim _requests = new(MaxRequests);

    /// <inheritdoc/>
    public async Task WriteStatusAsync(V1Pod pod, V1PodStatus status, CancellationToken cancellationToken)
    {
        var patch = new V1Pod { Metadata = new V1ObjectMeta { Uid = pod.Metadata.Uid }, Status = status };
        await _requests.WaitAsync(cancellationToken);
        try
        {
            await client.PatchStatusAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.StrategicMerge, patch, cancellationToken);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another Pod has its name now.
        }
        finally
        {
            _requests.Release();
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        await _requests.WaitAsync(cancellationToken);
        try
        {
            await client.DeleteAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name,
                new V1DeleteOptions
                {
                    GracePeriodSeconds = 0,
                    Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid },
                },
                cancellationToken);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another Pod has its name now.
        }
        finally
        {
            _requests.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _requests.Dispose();
}
