namespace KubeLite.ApiServer.FlowControl;

/// <summary>A request that was let in; its seats are given back by <see cref="FlowController.Leave"/>. The default holds nothing.</summary>
public readonly struct FlowTicket
{
    internal FlowTicket(PriorityLevel level, WorkEstimate work, FlowQueue? queue, long started)
    {
        Level = level;
        Work = work;
        Queue = queue;
        Started = started;
    }

    internal PriorityLevel? Level { get; }

    internal bool IsWatch { get; init; }

    internal WorkEstimate Work { get; }

    internal FlowQueue? Queue { get; }

    internal long Started { get; }
}
