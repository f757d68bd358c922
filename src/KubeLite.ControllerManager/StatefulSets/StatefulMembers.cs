using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.StatefulSets;

/// <summary>Creates and deletes members of a StatefulSet with their claims, and tells of it by events.</summary>
internal sealed class StatefulMembers(ApiClient client, IEventRecorder events, IStore<V1PersistentVolumeClaim> claims)
{
    internal async Task CreateAsync(
        V1StatefulSet set, V1PodTemplateSpec template, string revision, int ordinal, CancellationToken cancellationToken)
    {
        await EnsureClaimsAsync(set, ordinal, cancellationToken).ConfigureAwait(false);
        var pod = StatefulPods.New(set, template, revision, ordinal);
        try
        {
            await client.CreateAsync(pod, cancellationToken).ConfigureAwait(false);
            events.Record(
                set, "Normal", "SuccessfulCreate", $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating)
        {
            // The cache is behind, or the namespace is going.
        }
        catch (ApiStatusException e)
        {
            events.Record(
                set, "Warning", "FailedCreate",
                $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }
    }

    internal async Task DeleteAsync(V1StatefulSet set, V1Pod pod, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid } };
        try
        {
            await client.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, options, cancellationToken)
                .ConfigureAwait(false);
            events.Record(
                set, "Normal", "SuccessfulDelete", $"delete Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
        catch (ApiStatusException e)
        {
            events.Record(
                set, "Warning", "FailedDelete",
                $"delete Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }
    }

    internal void TellRecreated(V1StatefulSet set, V1Pod pod)
    {
        var failed = pod.Status?.Phase == "Failed";
        events.Record(set, failed ? "Warning" : "Normal", failed ? "RecreatingFailedPod" : "RecreatingTerminatedPod",
            $"StatefulSet {set.Metadata.NamespaceProperty}/{set.Metadata.Name} is recreating " +
                $"{(failed ? "failed" : "terminated")} Pod {pod.Metadata.Name}");
    }

    internal async Task EnsureClaimsAsync(V1StatefulSet set, int ordinal, CancellationToken cancellationToken)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates ?? [])
        {
            var claim = StatefulPods.NewClaim(set, template, ordinal);
            if (claims.Get(claim.Metadata.NamespaceProperty, claim.Metadata.Name) is not null)
            {
                continue;
            }
            try
            {
                await client.CreateAsync(claim, cancellationToken).ConfigureAwait(false);
                events.Record(set, "Normal", "SuccessfulCreate",
                    $"create Claim {claim.Metadata.Name} Pod {StatefulPods.Name(set, ordinal)} in StatefulSet {set.Metadata.Name} success");
            }
            catch (ApiStatusException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating)
            {
                // The cache is behind, or the namespace is going.
            }
            catch (ApiStatusException e)
            {
                events.Record(set, "Warning", "FailedCreate",
                    $"create Claim {claim.Metadata.Name} for Pod {StatefulPods.Name(set, ordinal)} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
                throw;
            }
        }
    }

    /// <summary>Brings the owners of a member's claims in line with the retention policy.</summary>
    /// <param name="set">The set.</param>
    /// <param name="ordinal">The member.</param>
    /// <param name="condemned">The member's Pod if it is being scaled away; its claims then go with it where the policy says so.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    internal async Task RetainClaimsAsync(V1StatefulSet set, int ordinal, V1Pod? condemned, CancellationToken cancellationToken)
    {
        var policy = set.Spec.PersistentVolumeClaimRetentionPolicy;
        foreach (var template in set.Spec.VolumeClaimTemplates ?? [])
        {
            if (claims.Get(set.Metadata.NamespaceProperty, StatefulPods.ClaimName(set, template, ordinal)) is not { } claim)
            {
                continue;
            }
            var owners = (claim.Metadata.OwnerReferences ?? []).Where(o => o.Kind != "StatefulSet" && o.Kind != "Pod").ToList();
            var byScale = condemned is not null && policy?.WhenScaled == "Delete";
            if (policy?.WhenDeleted == "Delete" && !byScale)
            {
                owners.Add(StatefulPods.Owner(set));
            }
            if (byScale)
            {
                owners.Add(new V1OwnerReference
                {
                    ApiVersion = "v1",
                    Kind = "Pod",
                    Name = condemned!.Metadata.Name,
                    Uid = condemned.Metadata.Uid,
                });
            }
            if (!JsonCompare.Same<IList<V1OwnerReference>>(owners, claim.Metadata.OwnerReferences ?? []))
            {
                await client.UpdateAsync(
                    claim with
                    {
                        Metadata = claim.Metadata with
                        {
                            OwnerReferences = owners.Count == 0 ? null : owners
                        }
                    }, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
