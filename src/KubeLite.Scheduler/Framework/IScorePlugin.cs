namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point Score: how good a feasible node is. A hot path.</summary>
internal interface IScorePlugin : IPlugin
{
    /// <summary>The best score after normalizing; the worst is 0.</summary>
    const long MaxScore = 100;

    /// <summary>How much the score counts.</summary>
    int Weight { get; }

    /// <summary>The raw score of one node.</summary>
    long Score(CycleState state, PodInfo pod, NodeInfo node);

    /// <summary>Brings the raw scores, in the order of the nodes, into 0 to <see cref="MaxScore"/>.</summary>
    void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores);
}
