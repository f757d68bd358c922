using System.Globalization;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>
/// One pass over one Deployment: what both strategies and scaling share. It works on its own copy of the Deployment,
/// which follows what it writes.
/// </summary>
internal sealed class Rollout
{
    private const string HashLabel = "pod-template-hash";

    private readonly ApiClient _client;
    private readonly IEventRecorder _events;
    private readonly TimeProvider _time;
    private readonly List<V1ReplicaSet> _sets;

    internal Rollout(ApiClient client, IEventRecorder events, TimeProvider time, V1Deployment cached, List<V1ReplicaSet> sets)
    {
        _client = client;
        _events = events;
        _time = time;
        Deployment = cached with { Status = cached.Status is null ? new V1DeploymentStatus() : cached.Status with { } };
        _sets = sets;
        _sets.Sort(static (a, b) => ByAge(a, b));
        NewSet = _sets.Find(s => SameTemplate(s.Spec.Template, Deployment.Spec.Template));
        OldSets = _sets.FindAll(s => s.Metadata.Uid != NewSet?.Metadata.Uid);
    }

    internal V1Deployment Deployment { get; private set; }

    internal V1ReplicaSet? NewSet { get; private set; }

    internal List<V1ReplicaSet> OldSets { get; }

    internal List<V1ReplicaSet> All => NewSet is null ? OldSets : [.. OldSets, NewSet];

    internal DateTime Now => _time.GetUtcNow().UtcDateTime;

    /// <summary>Whether a set was sized for another number of replicas than the Deployment asks for now.</summary>
    internal bool IsScaling() => _sets.Exists(s => DeploymentMath.Replicas(s) > 0
        && DeploymentAnnotations.Number(s.Metadata.Annotations, DeploymentAnnotations.DesiredReplicas) is { } desired
        && desired != DeploymentMath.Replicas(Deployment));

    /// <summary>
    /// Says in the Progressing condition that the Deployment is paused or resumed, so that pauses don't count as lack of progress.
    /// </summary>
    internal async Task CheckPausedAsync(CancellationToken cancellationToken)
    {
        var current = DeploymentConditions.Find(Deployment.Status, DeploymentConditions.Progressing);
        var known = current?.Reason == "DeploymentPaused";
        var paused = Deployment.Spec.Paused == true;
        if (!DeploymentMath.HasDeadline(Deployment) || current?.Reason == "ProgressDeadlineExceeded" || paused == known)
        {
            return;
        }
        var (reason, message) = paused ? ("DeploymentPaused", "Deployment is paused") : ("DeploymentResumed", "Deployment is resumed");
        DeploymentConditions.Set(
            Deployment.Status, DeploymentConditions.New(DeploymentConditions.Progressing, "Unknown", reason, message, Now));
        await WriteStatusAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task UpdateStatusOnlyAsync(CancellationToken cancellationToken)
    {
        await SyncRevisionAsync(create: false, cancellationToken).ConfigureAwait(false);
        await RolloutStatus.WriteAsync(this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sizes the sets of a paused or resized Deployment without rolling anything out.</summary>
    internal async Task ScaleAsync(CancellationToken cancellationToken)
    {
        await SyncRevisionAsync(create: false, cancellationToken).ConfigureAwait(false);
        await Scaling.RunAsync(this, cancellationToken).ConfigureAwait(false);
        if (Deployment.Spec.Paused == true)
        {
            await CleanUpAsync(cancellationToken).ConfigureAwait(false);
        }
        await RolloutStatus.WriteAsync(this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings revisions up to date and, if asked to, creates the set of the current template.</summary>
    internal async Task SyncRevisionAsync(bool create, CancellationToken cancellationToken)
    {
        long newest = 0;
        foreach (var set in OldSets)
        {
            newest = Math.Max(newest, DeploymentAnnotations.RevisionOf(set.Metadata.Annotations));
        }
        if (NewSet is { } existing)
        {
            await AdoptRevisionAsync(existing, newest + 1, cancellationToken).ConfigureAwait(false);
        }
        else if (create)
        {
            await CreateNewSetAsync(newest + 1, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Resizes a set; answers it as it is then. Tells of it by an event on the Deployment.</summary>
    internal async Task<bool> ScaleSetAsync(V1ReplicaSet set, int replicas, CancellationToken cancellationToken)
    {
        var annotations = set.Metadata.Annotations is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string>(set.Metadata.Annotations);
        var desired = DeploymentMath.Replicas(Deployment);
        var stale = DeploymentAnnotations.SetReplicas(annotations, desired, desired + DeploymentMath.MaxSurge(Deployment));
        var before = DeploymentMath.Replicas(set);
        if (!stale && before == replicas)
        {
            return false;
        }
        var changed = set with { Metadata = set.Metadata with { Annotations = annotations }, Spec = set.Spec with { Replicas = replicas } };
        Replace(await _client.UpdateAsync(changed, cancellationToken).ConfigureAwait(false));
        if (before != replicas)
        {
            var direction = before < replicas ? "up" : "down";
            _events.Record(
                Deployment, "Normal", "ScalingReplicaSet",
                $"Scaled {direction} replica set {set.Metadata.Name} from {before} to {replicas}");
        }
        return before != replicas;
    }

    /// <summary>Deletes the oldest sets that are empty, beyond the history limit.</summary>
    internal async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        if (Deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue)
        {
            return;
        }
        var alive = OldSets.FindAll(s => s.Metadata.DeletionTimestamp is null);
        var surplus = alive.Count - limit;
        alive.Sort(static (a, b) =>
        {
            var order = DeploymentAnnotations.RevisionOf(a.Metadata.Annotations)
                .CompareTo(DeploymentAnnotations.RevisionOf(b.Metadata.Annotations));
            return order != 0 ? order : ByAge(a, b);
        });
        for (var i = 0; i < surplus; i++)
        {
            var set = alive[i];
            if ((set.Status?.Replicas ?? 0) != 0 || DeploymentMath.Replicas(set) != 0
                || (set.Metadata.Generation ?? 0) > (set.Status?.ObservedGeneration ?? 0))
            {
                continue;
            }
            try
            {
                await _client.DeleteAsync<V1ReplicaSet>(set.Metadata.NamespaceProperty, set.Metadata.Name, null, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // Someone was faster.
            }
        }
    }

    internal async Task WriteStatusAsync(CancellationToken cancellationToken) =>
        Deployment = await _client.UpdateStatusAsync(Deployment, cancellationToken).ConfigureAwait(false);

    internal static int ByAge(V1ReplicaSet a, V1ReplicaSet b)
    {
        var order = Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp);
        return order != 0 ? order : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name);
    }

    private async Task AdoptRevisionAsync(V1ReplicaSet set, long revision, CancellationToken cancellationToken)
    {
        var annotations = DeploymentAnnotations.ForNewSet(Deployment, set.Metadata.Annotations, revision);
        if (!JsonCompare.Same(annotations, set.Metadata.Annotations as object ?? new Dictionary<string, string>())
            || (set.Spec.MinReadySeconds ?? 0) != (Deployment.Spec.MinReadySeconds ?? 0))
        {
            var changed = set with
            {
                Metadata = set.Metadata with { Annotations = annotations },
                Spec = set.Spec with { MinReadySeconds = Deployment.Spec.MinReadySeconds },
            };
            Replace(await _client.UpdateAsync(changed, cancellationToken).ConfigureAwait(false));
        }
        await SetRevisionAsync(DeploymentAnnotations.RevisionOf(annotations), cancellationToken).ConfigureAwait(false);
        if (DeploymentMath.HasDeadline(Deployment)
            && DeploymentConditions.Find(Deployment.Status, DeploymentConditions.Progressing) is null)
        {
            await ProgressAsync("FoundNewReplicaSet", $"Found new replica set \"{set.Metadata.Name}\"", "True", cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task CreateNewSetAsync(long revision, CancellationToken cancellationToken)
    {
        var hash = Names.SafeEncode(Hash().ToString(CultureInfo.InvariantCulture));
        var set = NewSetFor(hash, revision);
        var created = false;
        try
        {
            NewSet = await _client.CreateAsync(set, cancellationToken).ConfigureAwait(false);
            created = true;
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            var existing = await _client.GetAsync<V1ReplicaSet>(set.Metadata.NamespaceProperty, set.Metadata.Name, cancellationToken)
                .ConfigureAwait(false);
            if (!OwnerReferences.IsControlledBy(existing, Deployment) || !SameTemplate(existing.Spec.Template, Deployment.Spec.Template))
            {
                // Two templates with one hash: another salt, another name, next time.
                Deployment.Status.CollisionCount = (Deployment.Status.CollisionCount ?? 0) + 1;
                await WriteStatusAsync(cancellationToken).ConfigureAwait(false);
                throw;
            }
            NewSet = existing;
        }
        catch (ApiStatusException e) when (!e.IsNamespaceTerminating)
        {
            var message = $"Failed to create new replica set \"{set.Metadata.Name}\": {e.Message}";
            if (DeploymentMath.HasDeadline(Deployment))
            {
                await ProgressAsync("ReplicaSetCreateError", message, "False", cancellationToken).ConfigureAwait(false);
            }
            _events.Record(Deployment, "Warning", "ReplicaSetCreateError", message);
            throw;
        }
        if (created && DeploymentMath.Replicas(NewSet) > 0)
        {
            _events.Record(
                Deployment, "Normal", "ScalingReplicaSet",
                $"Scaled up replica set {NewSet.Metadata.Name} from 0 to {DeploymentMath.Replicas(NewSet)}");
        }
        await SetRevisionAsync(revision, cancellationToken).ConfigureAwait(false);
        if (created && DeploymentMath.HasDeadline(Deployment))
        {
            await ProgressAsync("NewReplicaSetCreated", $"Created new replica set \"{NewSet.Metadata.Name}\"", "True", cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private V1ReplicaSet NewSetFor(string hash, long revision)
    {
        var template = Deployment.Spec.Template;
        var labels = new Dictionary<string, string>(template.Metadata?.Labels ?? new Dictionary<string, string>()) { [HashLabel] = hash };
        var selector = Deployment.Spec.Selector;
        var annotations = DeploymentAnnotations.ForNewSet(Deployment, null, revision);
        var desired = DeploymentMath.Replicas(Deployment);
        DeploymentAnnotations.SetReplicas(annotations, desired, desired + DeploymentMath.MaxSurge(Deployment));
        return new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = Deployment.Metadata.Name + "-" + hash,
                NamespaceProperty = Deployment.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = annotations,
                OwnerReferences = [OwnerReferences.NewController(Deployment, "apps/v1", "Deployment")],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = DeploymentMath.NewSetReplicas(Deployment, OldSets, 0),
                MinReadySeconds = Deployment.Spec.MinReadySeconds,
                Selector = selector with
                {
                    MatchLabels = new Dictionary<string, string>(selector.MatchLabels ?? new Dictionary<string, string>())
                    {
                        [HashLabel] = hash
                    }
                },
                Template = template with { Metadata = (template.Metadata ?? new V1ObjectMeta()) with { Labels = labels } },
            },
        };
    }

    // Through the status: a change of annotations by itself counts as a new generation of a Deployment.
    private async Task SetRevisionAsync(long revision, CancellationToken cancellationToken)
    {
        if (DeploymentAnnotations.RevisionOf(Deployment.Metadata.Annotations) == revision)
        {
            return;
        }
        var annotations = new Dictionary<string, string>(Deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            [DeploymentAnnotations.Revision] = revision.ToString(CultureInfo.InvariantCulture),
        };
        Deployment = Deployment with { Metadata = Deployment.Metadata with { Annotations = annotations } };
        await WriteStatusAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ProgressAsync(string reason, string message, string status, CancellationToken cancellationToken)
    {
        DeploymentConditions.Set(
            Deployment.Status, DeploymentConditions.New(DeploymentConditions.Progressing, status, reason, message, Now));
        await WriteStatusAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Replace(V1ReplicaSet set)
    {
        if (NewSet?.Metadata.Uid == set.Metadata.Uid)
        {
            NewSet = set;
        }
        var index = OldSets.FindIndex(s => s.Metadata.Uid == set.Metadata.Uid);
        if (index >= 0)
        {
            OldSets[index] = set;
        }
    }

    private uint Hash()
    {
        var hash = Names.Fnv32A(JsonCompare.Canonical(Deployment.Spec.Template));
        return Deployment.Status.CollisionCount is { } collisions ? Names.Fnv32A(BitConverter.GetBytes((long)collisions), hash) : hash;
    }

    private static bool SameTemplate(V1PodTemplateSpec a, V1PodTemplateSpec b) => JsonCompare.Same(WithoutHash(a), WithoutHash(b));

    private static V1PodTemplateSpec WithoutHash(V1PodTemplateSpec template)
    {
        if (template.Metadata?.Labels is not { } labels || !labels.ContainsKey(HashLabel))
        {
            return template;
        }
        var rest = labels.Where(l => l.Key != HashLabel).ToDictionary(l => l.Key, l => l.Value);
        return template with { Metadata = template.Metadata with { Labels = rest.Count == 0 ? null : rest } };
    }
}
