namespace KubeLite.ApiServer.FlowControl;

/// <summary>A request that was let in; given back by <see cref="FlowController.Leave"/>. The default holds nothing.</summary>
public readonly struct FlowTicket
{
    internal FlowTicket(PriorityLevel level, int seats, FlowQueue? queue, long started)
    {
        Level = level;
        Seats = seats;
        Queue = queue;
        Started = started;
    }

    internal PriorityLevel? Level { get; }

    internal int Seats { get; }

    internal FlowQueue? Queue { get; }

    internal long Started { get; }
}
