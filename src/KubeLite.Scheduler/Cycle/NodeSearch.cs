using System.Buffers;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cycle;

/// <summary>
/// Finds the best node for a Pod. In large clusters only a sample of the nodes is looked at, a different one each time
/// (kube-scheduler <c>schedule_one</c>, <c>percentageOfNodesToScore</c>). Belongs to the scheduling loop.
/// </summary>
internal sealed class NodeSearch(SchedulingFramework framework, ClusterNodes nodes, int percentageOfNodesToScore, Random random)
{
    private const int MinFeasible = 100;
    private const int MinPercentage = 5;

    private readonly List<NodeInfo> _feasible = [];
    private int _start;

    /// <summary>Looks for a node; the notes of the cycle stay in <paramref name="state"/>.</summary>
    public ScheduleResult Find(CycleState state, PodInfo pod)
    {
        var all = nodes.All;
        if (all.Count == 0)
        {
            var none = Status.Unresolvable("", "no nodes available to schedule pods");
            return new ScheduleResult(null, null, none);
        }

        var diagnosis = new Diagnosis(all.Count);
        var status = framework.PreFilter(state, pod, nodes, out var only);
        if (!status.IsSuccess)
        {
            if (!status.IsRejected)
            {
                return new ScheduleResult(null, null, status);
            }

            diagnosis.Note(status);
            diagnosis.AbsentNodes = status;
            diagnosis.PreFilterMessage = status.Message;
            return new ScheduleResult(null, diagnosis, status);
        }

        if (pod.Pod.Status?.NominatedNodeName is { Length: > 0 } nominated
            && nodes.Find(nominated) is { } favourite && only?.Contains(nominated) != false
            && framework.FilterWithNominated(state, pod, favourite).IsSuccess)
        {
            return new ScheduleResult(nominated, null, Status.Success);
        }

        status = FindFeasible(state, pod, only, diagnosis);
        return !status.IsSuccess ? new ScheduleResult(null, null, status)
            : _feasible.Count == 0 ? new ScheduleResult(null, diagnosis, Status.Unschedulable(""))
            : new ScheduleResult(Choose(state, pod), null, Status.Success);
    }

    /// <summary>How many feasible nodes are enough.</summary>
    public static int EnoughNodes(int count, int percentage)
    {
        if (count < MinFeasible || percentage >= 100)
        {
            return count;
        }

        var part = percentage > 0 ? percentage : Math.Max(MinPercentage, 50 - (count / 125));
        return Math.Max(MinFeasible, count * part / 100);
    }

    private Status FindFeasible(CycleState state, PodInfo pod, HashSet<string>? only, Diagnosis diagnosis)
    {
        _feasible.Clear();
        if (only is not null)
        {
            foreach (var name in only)
            {
                if (nodes.Find(name) is { } node && Check(state, pod, node, diagnosis) is { Code: StatusCode.Error } error)
                {
                    return error;
                }
            }

            diagnosis.AbsentNodes = Status.Unresolvable("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
            diagnosis.Note(diagnosis.AbsentNodes);
            return Status.Success;
        }

        var all = nodes.All;
        var enough = EnoughNodes(all.Count, percentageOfNodesToScore);
        var looked = 0;
        while (looked < all.Count && _feasible.Count < enough)
        {
            var status = Check(state, pod, all[(_start + looked) % all.Count], diagnosis);
            looked++;
            if (status.Code == StatusCode.Error)
            {
                return status;
            }
        }

        _start = (_start + looked) % all.Count;
        return Status.Success;
    }

    private Status Check(CycleState state, PodInfo pod, NodeInfo node, Diagnosis diagnosis)
    {
        var status = framework.FilterWithNominated(state, pod, node);
        if (status.IsSuccess)
        {
            _feasible.Add(node);
        }
        else if (status.IsRejected)
        {
            diagnosis.Set(node.Name, status);
        }

        return status;
    }

    private string Choose(CycleState state, PodInfo pod)
    {
        if (_feasible.Count == 1)
        {
            return _feasible[0].Name;
        }

        var rented = ArrayPool<long>.Shared.Rent(_feasible.Count);
        var totals = rented.AsSpan(0, _feasible.Count);
        framework.Score(state, pod, nodes, _feasible, totals);
        var best = 0;
        var ties = 1;
        for (var i = 1; i < totals.Length; i++)
        {
            if (totals[i] > totals[best])
            {
                best = i;
                ties = 1;
            }
            else if (totals[i] == totals[best] && random.Next(++ties) == 0)
            {
                best = i;
            }
        }

        ArrayPool<long>.Shared.Return(rented);
        return _feasible[best].Name;
    }
}
