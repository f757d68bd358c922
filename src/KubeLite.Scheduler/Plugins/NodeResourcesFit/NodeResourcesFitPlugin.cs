using k8s.Models;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.NodeResourcesFit;

/// <summary>Leaves nodes alone without room for the Pod's requests, and prefers those with the most room (LeastAllocated).</summary>
internal sealed class NodeResourcesFitPlugin : IFilterPlugin, IScorePlugin, IEventInterested
{
    private const string PluginName = "NodeResourcesFit";

    private static readonly string[] s_reasons =
        ["Too many pods", "Insufficient cpu", "Insufficient memory", "Insufficient ephemeral-storage"];

    // By the set of reasons (4 bits) and whether preemption could help, so that the common rejections are shared.
    private static readonly Status[] s_statuses = MakeStatuses();

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.AssignedPod, EventAction.Delete | EventAction.UpdatePodScaleDown),
        new(EventResource.TargetPod, EventAction.UpdatePodScaleDown),
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeAllocatable,
            (pod, change) => change.New is V1Node node && FitsEmpty(pod, node)),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var missing = node.Pods.Count + 1 > node.Allocatable.Pods ? 1 : 0;
        var request = pod.Requests;
        var offer = node.Allocatable;
        var used = node.Requested;
        var never = false;
        missing |= Check(request.MilliCpu, offer.MilliCpu, used.MilliCpu, 2, ref never);
        missing |= Check(request.Memory, offer.Memory, used.Memory, 4, ref never);
        missing |= Check(request.EphemeralStorage, offer.EphemeralStorage, used.EphemeralStorage, 8, ref never);
        return request.Scalars is null
            ? s_statuses[(missing << 1) | (never ? 1 : 0)]
            : WithScalars(request, offer, used, missing, never);
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        long sum = 0;
        var resources = 0;
        Add(node.Allocatable.MilliCpu, node.NonZeroMilliCpu + pod.NonZeroMilliCpu, ref sum, ref resources);
        Add(node.Allocatable.Memory, node.NonZeroMemory + pod.NonZeroMemory, ref sum, ref resources);
        return resources == 0 ? 0 : sum / resources;
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores)
    {
    }

    private static void Add(long offer, long used, ref long sum, ref int resources)
    {
        if (offer == 0)
        {
            return;
        }

        resources++;
        sum += used > offer ? 0 : (long)((Int128)(offer - used) * IScorePlugin.MaxScore / offer);
    }

    private static int Check(long request, long offer, long used, int bit, ref bool never)
    {
        if (request <= 0 || request <= offer - used)
        {
            return 0;
        }

        never |= request > offer;
        return bit;
    }

    private static Status WithScalars(ResourceVector request, ResourceVector offer, ResourceVector used, int missing, bool never)
    {
        List<string>? reasons = null;
        foreach (var (name, amount) in request.Scalars!)
        {
            if (amount > 0 && amount > offer.Scalar(name) - used.Scalar(name))
            {
                never |= amount > offer.Scalar(name);
                (reasons ??= []).Add("Insufficient " + name);
            }
        }

        var common = s_statuses[(missing << 1) | (never ? 1 : 0)];
        if (reasons is null)
        {
            return common;
        }

        string[] all = [.. common.Reasons, .. reasons];
        return never ? Status.Unresolvable(PluginName, all) : Status.Unschedulable(PluginName, all);
    }

    private static bool FitsEmpty(PodInfo pod, V1Node node)
    {
        var offer = ResourceVector.Parse(node.Status?.Allocatable);
        if (pod.Requests.MilliCpu > offer.MilliCpu || pod.Requests.Memory > offer.Memory
            || pod.Requests.EphemeralStorage > offer.EphemeralStorage || offer.Pods == 0)
        {
            return false;
        }

        foreach (var (name, amount) in pod.Requests.Scalars ?? [])
        {
            if (amount > offer.Scalar(name))
            {
                return false;
            }
        }

        return true;
    }

    private static Status[] MakeStatuses()
    {
        var statuses = new Status[32];
        for (var bits = 0; bits < 16; bits++)
        {
            var reasons = new List<string>();
            for (var i = 0; i < s_reasons.Length; i++)
            {
                if ((bits & (1 << i)) != 0)
                {
                    reasons.Add(s_reasons[i]);
                }
            }

            statuses[bits << 1] = bits == 0 ? Status.Success : Status.Unschedulable(PluginName, [.. reasons]);
            statuses[(bits << 1) | 1] = Status.Unresolvable(PluginName, [.. reasons]);
        }

        return statuses;
    }
}
