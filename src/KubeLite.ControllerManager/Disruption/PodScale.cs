using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Disruption;

/// <summary>How many Pods the owners of some Pods want in all: what percentages of a budget are taken of.</summary>
internal sealed class PodScale(
    ApiClient client, IStore<V1ReplicaSet> sets, IStore<V1Deployment> deployments, IStore<V1ReplicationController> controllers,
    IStore<V1StatefulSet> statefulSets)
{
    /// <exception cref="ScaleUnknownException">A Pod has no owner with a scale.</exception>
    internal async Task<int> SumAsync(List<V1Pod> pods, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sum = 0;
        foreach (var pod in pods)
        {
            if (OwnerReferences.ControllerOf(pod) is not { } owner)
            {
                // A Pod without owner has no scale; it doesn't keep the others from theirs.
                continue;
            }
            var (uid, scale) = await FindAsync(pod, owner, cancellationToken).ConfigureAwait(false);
            if (seen.Add(uid))
            {
                sum += scale;
            }
        }
        return sum;
    }

    private async Task<(string Uid, int Scale)> FindAsync(V1Pod pod, V1OwnerReference owner, CancellationToken cancellationToken)
    {
        var ns = pod.Metadata.NamespaceProperty;
        switch (owner.ApiVersion, owner.Kind)
        {
            case ("apps/v1", "ReplicaSet") when sets.Get(ns, owner.Name) is { } set && set.Metadata.Uid == owner.Uid:
                if (OwnerReferences.ControllerOf(set) is { Kind: "Deployment" } parent && deployments.Get(ns, parent.Name) is { } deployment
                    && deployment.Metadata.Uid == parent.Uid)
                {
                    return (deployment.Metadata.Uid, deployment.Spec.Replicas ?? 1);
                }
                return (set.Metadata.Uid, set.Spec.Replicas ?? 1);
            case ("v1", "ReplicationController") when controllers.Get(ns, owner.Name) is { } controller
                && controller.Metadata.Uid == owner.Uid:
                return (controller.Metadata.Uid, controller.Spec.Replicas ?? 1);
            case ("apps/v1", "StatefulSet") when statefulSets.Get(ns, owner.Name) is { } stateful && stateful.Metadata.Uid == owner.Uid:
                return (stateful.Metadata.Uid, stateful.Spec.Replicas ?? 1);
        }
        return await AskAsync(ns, owner, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(string Uid, int Scale)> AskAsync(string ns, V1OwnerReference owner, CancellationToken cancellationToken)
    {
        var found = await client.Discovery.DiscoverAsync(cancellationToken).ConfigureAwait(false);
        var resource = found.All.FirstOrDefault(r => r.Resource.ApiVersion == owner.ApiVersion && r.Resource.Kind == owner.Kind)?.Resource;
        try
        {
            if (resource is not null
                && await client.GetRawAsync<JsonObject>(resource.Path(ns, owner.Name, "scale"), cancellationToken)
                    .ConfigureAwait(false) is { } scale)
            {
                return (owner.Uid, (int?)scale["spec"]?["replicas"] ?? 0);
            }
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsMethodNotAllowed)
        {
            // Told below.
        }
        throw new ScaleUnknownException(
            $"{owner.Kind.ToLowerInvariant()}s.{owner.ApiVersion.Split('/')[0]} does not implement the scale subresource");
    }
}
