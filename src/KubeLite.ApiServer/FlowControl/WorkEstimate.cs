namespace KubeLite.ApiServer.FlowControl;

/// <summary>How much work a request is, in seats and time.</summary>
/// <param name="InitialSeats">The seats that it takes while it runs.</param>
/// <param name="FinalSeats">The seats that it takes when it has ended, while those who watch are told.</param>
/// <param name="AdditionalLatency">How long they are held then; zero for not at all.</param>
internal readonly record struct WorkEstimate(int InitialSeats, int FinalSeats, TimeSpan AdditionalLatency)
{
    /// <summary>The work of most requests.</summary>
    public static readonly WorkEstimate One = new(1, 0, TimeSpan.Zero);

    /// <summary>The seats that it is given: enough for either phase, so that the second needn't wait.</summary>
    public int MaxSeats => Math.Max(InitialSeats, FinalSeats);

    /// <summary>The same work on at most so many seats; what happens when it has ended takes the longer.</summary>
    public WorkEstimate Within(int seats) => MaxSeats <= seats
        ? this
        : new WorkEstimate(
            Math.Min(InitialSeats, seats), Math.Min(FinalSeats, seats),
            FinalSeats > seats ? AdditionalLatency * FinalSeats / seats : AdditionalLatency);
}
