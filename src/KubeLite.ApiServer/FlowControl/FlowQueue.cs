namespace KubeLite.ApiServer.FlowControl;

/// <summary>One of a level's queues. Guarded by the controller's lock.</summary>
internal sealed class FlowQueue
{
    /// <summary>Who waits, the longest waiting first.</summary>
    public LinkedList<Waiter> Waiters { get; } = [];

    /// <summary>
    /// How much service the queue's requests have had, in seat-seconds, on the level's virtual clock: the queue with the least is next.
    /// </summary>
    public double Served { get; set; }

    /// <summary>A request that waits.</summary>
    /// <param name="Seats">How many seats it takes.</param>
    internal sealed record Waiter(int Seats)
    {
        /// <summary>Completes when the request may run.</summary>
        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True once it runs; its seats are taken then.</summary>
        public bool Dispatched { get; set; }
    }
}
