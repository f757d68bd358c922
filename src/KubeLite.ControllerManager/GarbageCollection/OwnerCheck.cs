using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>Asks the server which owners of an object are there. Owners found absent are remembered, for uids never come back.</summary>
internal sealed class OwnerCheck(ApiClient client, Func<string, string, ResourceInfo?> resourceOf, TimeProvider time)
{
    private const int MostAbsent = 4096;
    private static readonly TimeSpan s_forget = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _absent = new(StringComparer.Ordinal);

    internal void NoteAbsent(string uid)
    {
        if (_absent.Count >= MostAbsent)
        {
            foreach (var (old, since) in _absent)
            {
                if (time.GetElapsedTime(since) > s_forget)
                {
                    _absent.TryRemove(old, out _);
                }
            }
        }
        if (_absent.Count < MostAbsent)
        {
            _absent[uid] = time.GetTimestamp();
        }
    }

    /// <summary>
    /// Sorts owner references into those that are there, those that are gone, and those that wait for their dependents' deletion.
    /// </summary>
    /// <param name="item">The object.</param>
    /// <param name="resource">Its resource.</param>
    /// <param name="owners">Its owner references.</param>
    /// <param name="warn">Told of a cluster-scoped object with an owner in a namespace, which can't be.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    internal async Task<(List<V1OwnerReference> Solid, List<V1OwnerReference> Gone, List<V1OwnerReference> Waiting)> ClassifyAsync(
        PartialObjectMetadata item, ResourceInfo resource, IList<V1OwnerReference> owners,
        Action<PartialObjectMetadata, ResourceInfo, V1OwnerReference> warn, CancellationToken cancellationToken)
    {
        var (solid, gone, waiting) = (new List<V1OwnerReference>(), new List<V1OwnerReference>(), new List<V1OwnerReference>());
        foreach (var reference in owners)
        {
            if (_absent.ContainsKey(reference.Uid))
            {
                gone.Add(reference);
                continue;
            }
            if (resourceOf(reference.ApiVersion, reference.Kind) is not { } owner)
            {
                // A kind that nobody serves proves nothing about the object.
                solid.Add(reference);
                continue;
            }
            if (owner.Namespaced && !resource.Namespaced)
            {
                warn(item, resource, reference);
                solid.Add(reference);
                continue;
            }
            var live = await client.Metadata(owner)
                .FindAsync(owner.Namespaced ? item.Metadata.NamespaceProperty : null, reference.Name, cancellationToken)
                .ConfigureAwait(false);
            if (live is null || live.Metadata.Uid != reference.Uid)
            {
                NoteAbsent(reference.Uid);
                gone.Add(reference);
            }
            else if (live.Metadata.DeletionTimestamp is not null
                && live.Metadata.Finalizers?.Contains(OwnerGraph.ForegroundFinalizer) == true)
            {
                waiting.Add(reference);
            }
            else
            {
                solid.Add(reference);
            }
        }
        return (solid, gone, waiting);
    }
}
