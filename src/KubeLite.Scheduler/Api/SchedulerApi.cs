using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Plugins.DefaultBinder;

namespace KubeLite.Scheduler.Api;

/// <summary>Speaks to the API server for the scheduling loop.</summary>
internal sealed class SchedulerApi(ApiClient client, PodStatusWriter statuses, SchedulingEvents events, TimeProvider time)
    : ISchedulerApi, IPodBinder
{
    /// <inheritdoc/>
    public void ReportFailure(PodInfo pod, string reason, string message, string? nominatedNode)
    {
        events.Record(pod.Pod, null, "Warning", "FailedScheduling", "Scheduling", Shortened(message));
        var present = PodConditions.Find(pod.Pod, "PodScheduled");
        var same = present is not null && present.Status == "False" && present.Reason == reason && present.Message == message;
        var nomination = nominatedNode is not null && nominatedNode != (pod.Pod.Status?.NominatedNodeName ?? "");
        if (same && !nomination)
        {
            return;
        }

        var status = new JsonObject();
        if (!same)
        {
            status["conditions"] = new JsonArray(KubeJson.ToNode(Condition(pod.Pod, present, reason, message)));
        }

        if (nomination)
        {
            status["nominatedNodeName"] = nominatedNode!.Length == 0 ? null : nominatedNode;
        }

        statuses.Send(pod.Pod, StatusPatch.Of(pod.Pod, status));
    }

    /// <inheritdoc/>
    public void RecordScheduled(PodInfo pod, string node) =>
        events.Record(pod.Pod, null, "Normal", "Scheduled", "Binding", $"Successfully assigned {pod.Key} to {node}");

    /// <inheritdoc/>
    public async Task BindAsync(PodInfo pod, string node, CancellationToken cancellationToken)
    {
        // A status that says "unschedulable" must not arrive after the binding.
        await statuses.WrittenAsync(pod.Uid);
        await client.BindAsync(pod.Pod, node, cancellationToken);
    }

    private V1PodCondition Condition(V1Pod pod, V1PodCondition? present, string reason, string message) => new()
    {
        Type = "PodScheduled",
        ObservedGeneration = pod.Metadata.Generation,
        Status = "False",
        Reason = reason,
        Message = message,
        LastTransitionTime = present?.Status == "False" ? present.LastTransitionTime : time.GetUtcNow().UtcDateTime,
    };

    /// <summary>The API allows notes of 1,024 bytes.</summary>
    private static string Shortened(string message) => message.Length <= 1024 ? message : message[..1021] + "...";
}
