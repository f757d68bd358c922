using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Cycle;

namespace KubeLite.Scheduler.Framework;

/// <summary>Runs the plugins of each extension point, in the order in which they are given. Belongs to the scheduling loop.</summary>
internal sealed class SchedulingFramework
{
    private readonly IPreFilterPlugin[] _preFilters;
    private readonly IPreFilterExtensions[] _extensions;
    private readonly IFilterPlugin[] _filters;
    private readonly IPostFilterPlugin[] _postFilters;
    private readonly IPreScorePlugin[] _preScores;
    private readonly IScorePlugin[] _scores;
    private readonly IReservePlugin[] _reserves;
    private readonly IPermitPlugin[] _permits;
    private readonly IPreBindPlugin[] _preBinds;
    private readonly IBindPlugin[] _binds;
    private readonly IPostBindPlugin[] _postBinds;

    /// <summary>Sorts the plugins by the extension points that they implement.</summary>
    public SchedulingFramework(IReadOnlyList<IPlugin> plugins, Nominations nominations)
    {
        Plugins = plugins;
        Nominations = nominations;
        _preFilters = [.. plugins.OfType<IPreFilterPlugin>()];
        _extensions = [.. plugins.OfType<IPreFilterExtensions>()];
        _filters = [.. plugins.OfType<IFilterPlugin>()];
        _postFilters = [.. plugins.OfType<IPostFilterPlugin>()];
        _preScores = [.. plugins.OfType<IPreScorePlugin>()];
        _scores = [.. plugins.OfType<IScorePlugin>()];
        _reserves = [.. plugins.OfType<IReservePlugin>()];
        _permits = [.. plugins.OfType<IPermitPlugin>()];
        _preBinds = [.. plugins.OfType<IPreBindPlugin>()];
        _binds = [.. plugins.OfType<IBindPlugin>()];
        _postBinds = [.. plugins.OfType<IPostBindPlugin>()];
    }

    /// <summary>All plugins.</summary>
    public IReadOnlyList<IPlugin> Plugins { get; }

    /// <summary>The nominated Pods, for which room is kept.</summary>
    public Nominations Nominations { get; }

    /// <summary>Runs PreFilter; the first rejection ends it.</summary>
    /// <param name="state">The notes of the cycle.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="only">The only nodes that need be looked at; null for all.</param>
    public Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only)
    {
        only = null;
        ulong skipped = 0;
        foreach (var plugin in _preFilters)
        {
            var status = plugin.PreFilter(state, pod, nodes, out var names);
            if (status.Code == StatusCode.Skip)
            {
                skipped |= Bit(_filters, plugin);
                continue;
            }

            if (!status.IsSuccess)
            {
                state.SkippedFilters = skipped;
                return status;
            }

            if (names is not null)
            {
                if (only is null)
                {
                    only = names;
                }
                else
                {
                    only.IntersectWith(names);
                }
            }
        }

        state.SkippedFilters = skipped;
        return Status.Success;
    }

    /// <summary>Tells the plugins that a Pod was put on or taken from a node on trial.</summary>
    public void Changed(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        foreach (var plugin in _extensions)
        {
            plugin.Changed(state, pod, other, node, sign);
        }
    }

    /// <summary>Runs Filter on a node; the first rejection ends it.</summary>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var skipped = state.SkippedFilters;
        var filters = _filters;
        for (var i = 0; i < filters.Length; i++)
        {
            if ((skipped & (1UL << i)) != 0)
            {
                continue;
            }

            var status = filters[i].Filter(state, pod, node);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        return Status.Success;
    }

    /// <summary>
    /// Runs Filter on a node as if the Pods nominated to it, of no lower priority, were there; and again without them, for
    /// they may never come.
    /// </summary>
    public Status FilterWithNominated(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (Nominations.On(node.Name) is { } nominated)
        {
            NodeInfo? trial = null;
            CycleState? trialState = null;
            foreach (var other in nominated)
            {
                if (other.Priority >= pod.Priority && other.Uid != pod.Uid)
                {
                    trial ??= node.Clone();
                    trialState ??= state.Clone();
                    trial.AddPod(other);
                    Changed(trialState, pod, other, trial, 1);
                }
            }

            if (trial is not null && Filter(trialState!, pod, trial) is { IsSuccess: false } status)
            {
                return status;
            }
        }

        return Filter(state, pod, node);
    }

    /// <summary>Runs PostFilter; the first success or error ends it, and the messages of rejections are joined.</summary>
    public Status PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, out string? nominatedNode)
    {
        nominatedNode = null;
        var reasons = new List<string>();
        foreach (var plugin in _postFilters)
        {
            var status = plugin.PostFilter(state, pod, diagnosis, out var nominated);
            if (!status.IsRejected)
            {
                nominatedNode = nominated;
                return status;
            }

            diagnosis.Note(status);
            reasons.AddRange(status.Reasons);
            nominatedNode = nominated ?? nominatedNode;
        }

        return Status.Unschedulable("", [.. reasons]);
    }

    /// <summary>Runs PreScore, Score and Normalize, and adds up the weighted scores in the order of the nodes.</summary>
    public void Score(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible, Span<long> totals)
    {
        ulong skipped = 0;
        foreach (var plugin in _preScores)
        {
            if (plugin.PreScore(state, pod, nodes, feasible).Code == StatusCode.Skip)
            {
                skipped |= Bit(_scores, plugin);
            }
        }

        state.SkippedScores = skipped;
        totals.Clear();
        var rented = System.Buffers.ArrayPool<long>.Shared.Rent(feasible.Count);
        var scores = rented.AsSpan(0, feasible.Count);
        for (var i = 0; i < _scores.Length; i++)
        {
            if ((skipped & (1UL << i)) != 0)
            {
                continue;
            }

            var plugin = _scores[i];
            for (var n = 0; n < feasible.Count; n++)
            {
                scores[n] = plugin.Score(state, pod, feasible[n]);
            }

            plugin.Normalize(state, pod, feasible, scores);
            for (var n = 0; n < scores.Length; n++)
            {
                totals[n] += scores[n] * plugin.Weight;
            }
        }

        System.Buffers.ArrayPool<long>.Shared.Return(rented);
    }

    /// <summary>Runs Reserve; a rejection undoes what was reserved.</summary>
    public Status Reserve(CycleState state, PodInfo pod, string node)
    {
        foreach (var plugin in _reserves)
        {
            var status = plugin.Reserve(state, pod, node);
            if (!status.IsSuccess)
            {
                Unreserve(state, pod, node);
                return status;
            }
        }

        return Status.Success;
    }

    /// <summary>Undoes Reserve, in reverse order.</summary>
    public void Unreserve(CycleState state, PodInfo pod, string node)
    {
        for (var i = _reserves.Length - 1; i >= 0; i--)
        {
            _reserves[i].Unreserve(state, pod, node);
        }
    }

    /// <summary>Runs Permit.</summary>
    /// <param name="state">The notes of the cycle.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="node">Where it shall go.</param>
    /// <param name="permissions">What has to be awaited before the Pod is bound.</param>
    public Status Permit(CycleState state, PodInfo pod, string node, out List<Task<Status>>? permissions)
    {
        permissions = null;
        foreach (var plugin in _permits)
        {
            var status = plugin.Permit(state, pod, node, out var permission);
            if (status.Code == StatusCode.Wait && permission is not null)
            {
                (permissions ??= []).Add(permission);
            }
            else if (!status.IsSuccess)
            {
                return status;
            }
        }

        return Status.Success;
    }

    /// <summary>Runs PreBind and Bind; may run outside the loop.</summary>
    public async ValueTask<Status> BindAsync(CycleState state, PodInfo pod, string node, CancellationToken cancellationToken)
    {
        foreach (var plugin in _preBinds)
        {
            var status = await plugin.PreBindAsync(state, pod, node, cancellationToken);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        foreach (var plugin in _binds)
        {
            var status = await plugin.BindAsync(state, pod, node, cancellationToken);
            if (status.Code != StatusCode.Skip)
            {
                return status;
            }
        }

        return Status.Error("", "no plugin bound the Pod");
    }

    /// <summary>Runs PostBind.</summary>
    public void PostBind(CycleState state, PodInfo pod, string node)
    {
        foreach (var plugin in _postBinds)
        {
            plugin.PostBind(state, pod, node);
        }
    }

    private static ulong Bit<T>(T[] plugins, IPlugin plugin) where T : class, IPlugin
    {
        for (var i = 0; i < plugins.Length; i++)
        {
            if (ReferenceEquals(plugins[i], plugin))
            {
                return 1UL << i;
            }
        }

        return 0;
    }
}
