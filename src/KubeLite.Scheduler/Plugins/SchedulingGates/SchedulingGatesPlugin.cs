using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.SchedulingGates;

/// <summary>Keeps a Pod out of the active queue as long as it has scheduling gates.</summary>
internal sealed class SchedulingGatesPlugin : IPreEnqueuePlugin, IEventInterested
{
    private const string PluginName = "SchedulingGates";

    private static readonly EventInterest[] s_events =
        [new(EventResource.TargetPod, EventAction.UpdatePodGatesEliminated)];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status PreEnqueue(PodInfo pod)
    {
        if (pod.Pod.Spec.SchedulingGates is not { Count: > 0 } gates)
        {
            return Status.Success;
        }

        var names = string.Join(' ', gates.Select(gate => gate.Name));
        return Status.Unresolvable(PluginName, $"waiting for scheduling gates: [{names}]");
    }
}
