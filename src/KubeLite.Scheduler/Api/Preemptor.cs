using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Plugins.DefaultPreemption;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler.Api;

/// <summary>
/// Removes the victims of preemption in the background. <see cref="IPreemptor"/> is called by the scheduling loop only, and
/// what is done is posted back to it.
/// </summary>
internal sealed partial class Preemptor(
    ApiClient client,
    PodStatusWriter statuses,
    SchedulingEvents events,
    TimeProvider time,
    ILogger<Preemptor> logger,
    CancellationToken stopping) : IPreemptor
{
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Posts to the scheduling loop that the victims of a Pod are on their way out; false: that something failed.</summary>
    public Action<string, bool>? Finished { get; set; }

    /// <inheritdoc/>
    public bool IsPreempting(string uid) => _running.ContainsKey(uid);

    /// <inheritdoc/>
    public void Begin(PodInfo pod, Candidate candidate, IReadOnlyList<PodInfo> lesser)
    {
        foreach (var other in lesser)
        {
            statuses.Send(other.Pod, StatusPatch.Of(other.Pod, new JsonObject { ["nominatedNodeName"] = null }));
        }

        var victims = candidate.Victims.Where(victim => !victim.IsTerminating).ToList();
        if (victims.Count > 0)
        {
            _running[pod.Uid] = Task.Run(() => RemoveAllAsync(pod, candidate.Node, victims), CancellationToken.None);
        }
    }

    /// <summary>Forgets a Pod's preemption; called by the scheduling loop after <see cref="Finished"/>.</summary>
    public void Forget(string uid) => _running.Remove(uid);

    /// <summary>Ends when nothing is under way; the scheduling loop must have stopped.</summary>
    public Task FinishAsync() => Task.WhenAll(_running.Values);

    private async Task RemoveAllAsync(PodInfo pod, string node, List<PodInfo> victims)
    {
        var succeeded = true;
        foreach (var victim in victims)
        {
            succeeded &= await RemoveAsync(pod, node, victim);
        }

        Finished?.Invoke(pod.Uid, succeeded);
    }

    private async Task<bool> RemoveAsync(PodInfo pod, string node, PodInfo victim)
    {
        try
        {
            var status = new JsonObject { ["conditions"] = new JsonArray(KubeJson.ToNode(Target(pod, victim))) };
            await client.PatchStatusAsync<V1Pod>(
                victim.Namespace, victim.Name, PatchFormat.StrategicMerge, StatusPatch.Of(victim.Pod, status), stopping);
            await client.DeleteAsync<V1Pod>(
                victim.Namespace, victim.Name,
                new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = victim.Uid } }, stopping);
            events.Record(victim.Pod, pod.Pod, "Normal", "Preempted", "Preempting", $"Preempted by pod {pod.Uid} on node {node}");
            return true;
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // It has left on its own.
            return true;
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            Failed(logger, victim.Namespace, victim.Name, node, e.Message);
            return false;
        }
    }

    private V1PodCondition Target(PodInfo pod, PodInfo victim) => new()
    {
        Type = "DisruptionTarget",
        ObservedGeneration = victim.Pod.Metadata.Generation,
        Status = "True",
        Reason = "PreemptionByScheduler",
        Message = $"{pod.Pod.Spec.SchedulerName}: preempting to accommodate a higher priority pod",
        LastTransitionTime = PodConditions.Find(victim.Pod, "DisruptionTarget") is { Status: "True" } present
            ? present.LastTransitionTime
            : time.GetUtcNow().UtcDateTime,
    };

    [LoggerMessage(1, LogLevel.Warning, "Could not preempt Pod {Namespace}/{Name} on {Node}: {Error}")]
    private static partial void Failed(ILogger logger, string @namespace, string name, string node, string error);
}
