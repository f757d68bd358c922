using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>
/// Takes a Pod to nodes that its volumes can be reached from, and binds or provisions those claims that wait for the Pod to
/// get its node (WaitForFirstConsumer).
/// </summary>
internal sealed class VolumeBindingPlugin(
    ClusterListers listers, IVolumeWriter writer, ChangeSignal changes, TimeProvider time)
    : IPreFilterPlugin, IFilterPlugin, IReservePlugin, IPreBindPlugin, IEventInterested
{
    private const string PluginName = "VolumeBinding";

    private static readonly TimeSpan s_bindTimeout = TimeSpan.FromMinutes(10);
    private static readonly StateKey<PodClaims> s_claims = new();
    private static readonly Status s_conflict = Status.Unresolvable(PluginName, "node(s) had volume node affinity conflict");

    private static readonly Status s_nothing =
        Status.Unresolvable(PluginName, "node(s) didn't find available persistent volumes to bind");

    private static readonly Status s_space =
        Status.Unresolvable(PluginName, "node(s) did not have enough free storage");

    private static readonly Status s_missing = Status.Unresolvable(
        PluginName, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");

    private static readonly Status s_immediate =
        Status.Unresolvable(PluginName, "pod has unbound immediate PersistentVolumeClaims");

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.StorageClass, EventAction.Add | EventAction.Update),
        new(EventResource.PersistentVolumeClaim, EventAction.Add | EventAction.Update, OfTheSameNamespace),
        new(EventResource.PersistentVolume, EventAction.Add | EventAction.Update),
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeLabel | EventAction.UpdateNodeTaint),
        new(EventResource.CsiNode, EventAction.Add | EventAction.Update),
        new(EventResource.CsiStorageCapacity, EventAction.Add | EventAction.Update),
    ];

    // Volumes and claims that a binding under way will take; the caches do not know of it yet. Owned by the loop.
    private readonly Dictionary<string, string> _assumed = new(StringComparer.Ordinal);
    private readonly Provisioning _provisioning = new(listers);

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only)
    {
        only = null;
        PodClaims? claims = null;
        foreach (var volume in pod.Pod.Spec.Volumes ?? [])
        {
            var name = volume.PersistentVolumeClaim?.ClaimName
                ?? (volume.Ephemeral is null ? null : pod.Name + "-" + volume.Name);
            if (name is null)
            {
                continue;
            }

            var status = Sort(claims ??= new(nodes), pod, name, volume.Ephemeral is not null);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        if (claims is null)
        {
            return Status.Skip;
        }

        state.Write(s_claims, claims);
        return Status.Success;
    }

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        Decide(state.Read(s_claims)!, node.Node!, null);

    /// <inheritdoc/>
    public Status Reserve(CycleState state, PodInfo pod, string node)
    {
        if (state.Read(s_claims) is not { } claims)
        {
            return Status.Success;
        }

        claims.Decided.Clear();
        if (claims.Nodes.Find(node)?.Node is not { } target)
        {
            return s_conflict;
        }

        var status = Decide(claims, target, claims.Decided);
        if (status.IsSuccess)
        {
            foreach (var (claim, volume) in claims.Decided)
            {
                if (volume is not null)
                {
                    _assumed[volume.Metadata.Name] = claim.Metadata.Uid;
                }
            }
        }

        return status;
    }

    /// <inheritdoc/>
    public void Unreserve(CycleState state, PodInfo pod, string node)
    {
        foreach (var (_, volume) in state.Read(s_claims)?.Decided ?? [])
        {
            if (volume is not null)
            {
                _assumed.Remove(volume.Metadata.Name);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Status> PreBindAsync(
        CycleState state, PodInfo pod, string node, CancellationToken cancellationToken)
    {
        if (state.Read(s_claims) is not { Decided.Count: > 0 } claims)
        {
            return Status.Success;
        }

        foreach (var (claim, volume) in claims.Decided)
        {
            if (volume is null)
            {
                await writer.SelectNodeAsync(claim, node, cancellationToken);
            }
            else
            {
                await writer.BindAsync(volume, claim, cancellationToken);
            }
        }

        var start = time.GetTimestamp();
        while (true)
        {
            var next = changes.Next;
            if (claims.Decided.TrueForAll(decided => IsBoundNow(decided.Claim)))
            {
                return Status.Success;
            }

            var left = s_bindTimeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return Status.Error(PluginName, "binding volumes: timed out waiting for the condition");
            }

            try
            {
                await next.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The condition above decides.
            }
        }
    }

    /// <summary>A volume changed: what the cache says now replaces what was assumed of it.</summary>
    public void Confirm(V1PersistentVolume volume)
    {
        if (volume.Spec.ClaimRef is not null)
        {
            _assumed.Remove(volume.Metadata.Name);
        }
    }

    private Status Sort(PodClaims claims, PodInfo pod, string name, bool ephemeral)
    {
        if (listers.Claims.Find(pod.Namespace, name) is not { } claim)
        {
            return Status.Unresolvable(PluginName, ephemeral
                ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\""
                : $"persistentvolumeclaim \"{name}\" not found");
        }

        if (claim.Status?.Phase == "Lost")
        {
            return Status.Unresolvable(PluginName,
                $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"");
        }

        if (claim.Metadata.DeletionTimestamp is not null)
        {
            return Status.Unresolvable(PluginName, $"persistentvolumeclaim \"{name}\" is being deleted");
        }

        if (VolumeMatching.IsBound(claim))
        {
            if (listers.Volumes.Find("", claim.Spec.VolumeName) is { } volume)
            {
                claims.Bound.Add(volume);
            }
            else
            {
                claims.VolumeMissing = true;
            }

            return Status.Success;
        }

        var storageClass = listers.StorageClasses.Find("", VolumeMatching.ClassOf(claim));
        if (storageClass?.VolumeBindingMode != "WaitForFirstConsumer" || !string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            return s_immediate;
        }

        claims.Waiting.Add((claim, VolumeMatching.Candidates(claim, listers.Volumes.List(null), _assumed)));
        return Status.Success;
    }

    /// <summary>Whether a node will do, and, where asked, which volume (null: a new one) each waiting claim gets there.</summary>
    private Status Decide(
        PodClaims claims, V1Node node, List<(V1PersistentVolumeClaim Claim, V1PersistentVolume? Volume)>? decided)
    {
        foreach (var volume in claims.Bound)
        {
            if (!VolumeMatching.Reaches(volume, node))
            {
                return s_conflict;
            }
        }

        if (claims.VolumeMissing)
        {
            return s_missing;
        }

        HashSet<string>? taken = null;
        foreach (var (claim, candidates) in claims.Waiting)
        {
            var selected = claim.Metadata.Annotations is { } annotations
                && annotations.TryGetValue(VolumeMatching.SelectedNode, out var name) ? name : null;
            if (selected is not null && selected != node.Metadata.Name)
            {
                return s_nothing;
            }

            var chosen = selected is null ? Choose(candidates, node, ref taken) : null;
            if (chosen is null)
            {
                var (possible, space) = _provisioning.Check(claim, node);
                if (!possible || !space)
                {
                    return possible ? s_space : s_nothing;
                }
            }

            decided?.Add((claim, chosen));
        }

        return Status.Success;
    }

    private static V1PersistentVolume? Choose(List<V1PersistentVolume> candidates, V1Node node, ref HashSet<string>? taken)
    {
        foreach (var candidate in candidates)
        {
            if (taken?.Contains(candidate.Metadata.Name) != true && VolumeMatching.Reaches(candidate, node))
            {
                (taken ??= new(StringComparer.Ordinal)).Add(candidate.Metadata.Name);
                return candidate;
            }
        }

        return null;
    }

    private bool IsBoundNow(V1PersistentVolumeClaim claim) =>
        listers.Claims.Find(claim.Metadata.NamespaceProperty, claim.Metadata.Name) is { } now && VolumeMatching.IsBound(now);

    private static bool OfTheSameNamespace(PodInfo pod, ClusterEvent change) =>
        change.New is V1PersistentVolumeClaim claim && claim.Metadata.NamespaceProperty == pod.Namespace;
}
