using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Pods;

/// <summary>Creates and deletes the Pods of an owner and tells of it by events (pkg/controller <c>RealPodControl</c>).</summary>
public sealed class PodControl(ApiClient client, IEventRecorder events)
{
    /// <summary>A Pod made from a template: its labels, annotations, finalizers and spec, controlled by the owner.</summary>
    /// <param name="template">Not changed and not shared with the Pod's metadata.</param>
    /// <param name="owner">Gives namespace and name prefix.</param>
    /// <param name="controller">The owner reference.</param>
    public static V1Pod FromTemplate(
        V1PodTemplateSpec template, IKubernetesObject<V1ObjectMeta> owner, V1OwnerReference controller) => new()
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = Prefix(owner.Metadata.Name),
                NamespaceProperty = owner.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
                Annotations = template.Metadata?.Annotations is { } annotations ? new Dictionary<string, string>(annotations) : null,
                Finalizers = template.Metadata?.Finalizers is { } finalizers ? [.. finalizers] : null,
                OwnerReferences = [controller],
            },
            Spec = template.Spec with { },
        };

    /// <summary>Creates a Pod.</summary>
    /// <exception cref="ApiStatusException">It was refused; an event tells of it unless the namespace is going away.</exception>
    public async Task<V1Pod> CreateAsync(V1Pod pod, IKubernetesObject<V1ObjectMeta> owner, CancellationToken cancellationToken)
    {
        try
        {
            var created = await client.CreateAsync(pod, cancellationToken).ConfigureAwait(false);
            events.Record(owner, "Normal", "SuccessfulCreate", "Created pod: " + created.Metadata.Name);
            return created;
        }
        catch (ApiStatusException e)
        {
            if (!e.IsNamespaceTerminating)
            {
                events.Record(owner, "Warning", "FailedCreate", "Error creating: " + e.Message);
            }
            throw;
        }
    }

    /// <summary>Deletes a Pod; one that is gone already counts as deleted.</summary>
    /// <exception cref="ApiStatusException">It was refused; an event tells of it.</exception>
    public async Task DeleteAsync(V1Pod pod, IKubernetesObject<V1ObjectMeta> owner, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid } };
        try
        {
            await client.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, options, cancellationToken)
                .ConfigureAwait(false);
            events.Record(owner, "Normal", "SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
        catch (ApiStatusException e)
        {
            events.Record(owner, "Warning", "FailedDelete", "Error deleting: " + e.Message);
            throw;
        }
    }

    private static string Prefix(string owner) => owner.Length > 57 ? owner[..57] + "-" : owner + "-";
}
