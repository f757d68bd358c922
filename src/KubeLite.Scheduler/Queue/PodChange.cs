using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Queue;

/// <summary>Tells what about a Pod changed that scheduling depends on.</summary>
internal static class PodChange
{
    /// <summary>The changes between two states of a Pod; None when only its status or bookkeeping changed.</summary>
    public static EventAction Of(PodInfo old, PodInfo now)
    {
        var action = EventAction.None;
        if (!SameLabels(old.Labels, now.Labels))
        {
            action |= EventAction.UpdatePodLabel;
        }

        if (old.Pod.Spec.SchedulingGates is { Count: > 0 } && now.Pod.Spec.SchedulingGates is not { Count: > 0 })
        {
            action |= EventAction.UpdatePodGatesEliminated;
        }

        if (old.Tolerations.Length != now.Tolerations.Length)
        {
            action |= EventAction.UpdatePodTolerations;
        }

        if (NeedsLess(old.Requests, now.Requests))
        {
            action |= EventAction.UpdatePodScaleDown;
        }

        if (action == EventAction.None && old.Pod.Metadata.Generation != now.Pod.Metadata.Generation)
        {
            action = EventAction.Update;
        }

        return action;
    }

    /// <summary>Whether two sets of labels are equal; null is empty.</summary>
    public static bool SameLabels(IDictionary<string, string>? a, IDictionary<string, string>? b)
    {
        var count = a?.Count ?? 0;
        if (count != (b?.Count ?? 0))
        {
            return false;
        }

        if (count == 0)
        {
            return true;
        }

        foreach (var (key, value) in a!)
        {
            if (!b!.TryGetValue(key, out var other) || other != value)
            {
                return false;
            }
        }

        return true;
    }

    private static bool NeedsLess(ResourceVector old, ResourceVector now)
    {
        if (now.MilliCpu < old.MilliCpu || now.Memory < old.Memory || now.EphemeralStorage < old.EphemeralStorage)
        {
            return true;
        }

        if (old.Scalars is null)
        {
            return false;
        }

        foreach (var (name, amount) in old.Scalars)
        {
            if (now.Scalar(name) < amount)
            {
                return true;
            }
        }

        return false;
    }
}
