using k8s.Models;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Queue;

namespace KubeLite.Scheduler.Cycle;

/// <summary>Tells what about a Node changed that scheduling depends on.</summary>
internal static class NodeChange
{
    /// <summary>The changes between two states of a Node; None when only heartbeats and bookkeeping changed.</summary>
    public static EventAction Of(V1Node old, V1Node now)
    {
        var action = EventAction.None;
        if (!SameAmounts(old.Status?.Allocatable, now.Status?.Allocatable))
        {
            action |= EventAction.UpdateNodeAllocatable;
        }

        if (!PodChange.SameLabels(old.Metadata.Labels, now.Metadata.Labels))
        {
            action |= EventAction.UpdateNodeLabel;
        }

        if ((old.Spec?.Unschedulable ?? false) != (now.Spec?.Unschedulable ?? false) || !SameTaints(old.Spec?.Taints, now.Spec?.Taints))
        {
            action |= EventAction.UpdateNodeTaint;
        }

        if (!SameConditions(old.Status?.Conditions, now.Status?.Conditions))
        {
            action |= EventAction.UpdateNodeCondition;
        }

        return action;
    }

    private static bool SameAmounts(IDictionary<string, ResourceQuantity>? a, IDictionary<string, ResourceQuantity>? b)
    {
        if ((a?.Count ?? 0) != (b?.Count ?? 0))
        {
            return false;
        }

        foreach (var (name, quantity) in a ?? new Dictionary<string, ResourceQuantity>())
        {
            if (!b!.TryGetValue(name, out var other) || !quantity.Equals(other))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameTaints(IList<V1Taint>? a, IList<V1Taint>? b)
    {
        if ((a?.Count ?? 0) != (b?.Count ?? 0))
        {
            return false;
        }

        for (var i = 0; i < (a?.Count ?? 0); i++)
        {
            if (a![i].Key != b![i].Key || a[i].Value != b[i].Value || a[i].Effect != b[i].Effect)
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameConditions(IList<V1NodeCondition>? a, IList<V1NodeCondition>? b)
    {
        if ((a?.Count ?? 0) != (b?.Count ?? 0))
        {
            return false;
        }

        for (var i = 0; i < (a?.Count ?? 0); i++)
        {
            if (a![i].Type != b![i].Type || a[i].Status != b[i].Status)
            {
                return false;
            }
        }

        return true;
    }
}
