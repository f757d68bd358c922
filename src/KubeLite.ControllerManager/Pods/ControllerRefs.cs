using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Pods;

/// <summary>
/// Decides which objects belong to an owner: adopts orphans that match its selector, releases its own that no longer do
/// (pkg/controller <c>ControllerRefManager</c>).
/// </summary>
public sealed class ControllerRefs<T>(ApiClient client, IKubernetesObject<V1ObjectMeta> owner, string ownerApiVersion, string ownerKind)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private bool? _mayAdopt;

    /// <summary>Those of the candidates that belong to the owner, in their order.</summary>
    /// <param name="candidates">Objects of the owner's namespace.</param>
    /// <param name="matches">Whether an object is what the owner selects.</param>
    /// <param name="stillThere">
    /// Reads the owner afresh; answers whether it exists with the same uid and isn't being deleted. Asked once, before
    /// the first adoption.
    /// </param>
    /// <param name="cancellationToken">Stops between objects.</param>
    public async Task<List<T>> ClaimAsync(
        IEnumerable<T> candidates, Func<T, bool> matches, Func<CancellationToken, Task<bool>> stillThere,
        CancellationToken cancellationToken)
    {
        var claimed = new List<T>();
        foreach (var item in candidates)
        {
            var controller = OwnerReferences.ControllerOf(item);
            if (controller is not null)
            {
                if (controller.Uid != owner.Metadata.Uid)
                {
                    continue;
                }
                if (matches(item))
                {
                    claimed.Add(item);
                }
                else if (owner.Metadata.DeletionTimestamp is null)
                {
                    await ReleaseAsync(item, cancellationToken).ConfigureAwait(false);
                }
                continue;
            }
            if (owner.Metadata.DeletionTimestamp is not null || item.Metadata.DeletionTimestamp is not null || !matches(item))
            {
                continue;
            }
            _mayAdopt ??= await stillThere(cancellationToken).ConfigureAwait(false);
            if (_mayAdopt == true && await AdoptAsync(item, cancellationToken).ConfigureAwait(false) is { } adopted)
            {
                claimed.Add(adopted);
            }
        }
        return claimed;
    }

    private async Task<T?> AdoptAsync(T item, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["ownerReferences"] = new JsonArray(KubeJson.ToNode(OwnerReferences.NewController(owner, ownerApiVersion, ownerKind))),
                ["uid"] = item.Metadata.Uid,
            },
        };
        try
        {
            return await client.PatchAsync<T>(
                item.Metadata.NamespaceProperty, item.Metadata.Name, PatchFormat.StrategicMerge, patch, WriteOptions.None,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private async Task ReleaseAsync(T item, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = item.Metadata.Uid,
                ["ownerReferences"] = new JsonArray(new JsonObject { ["$patch"] = "delete", ["uid"] = owner.Metadata.Uid }),
            },
        };
        try
        {
            await client.PatchAsync<T>(
                item.Metadata.NamespaceProperty, item.Metadata.Name, PatchFormat.StrategicMerge, patch, WriteOptions.None,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsInvalid)
        {
            // Gone, or released already: either way it isn't ours any more.
        }
    }
}
