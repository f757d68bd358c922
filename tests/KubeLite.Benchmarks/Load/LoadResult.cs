namespace KubeLite.Benchmarks.Load;

/// <summary>What a load brought.</summary>
/// <param name="Count">How many times it was done.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="Seconds">How long all took together.</param>
/// <param name="Bytes">Bytes of bodies received.</param>
/// <param name="Durations">How long each took.</param>
public sealed record LoadResult(int Count, int Failed, double Seconds, long Bytes, Latencies Durations)
{
    /// <summary>Successes a second.</summary>
    public double PerSecond => (Count - Failed) / Seconds;

    /// <summary>Half of them took no longer, in ms; endless where none was done.</summary>
    public double P50 => Durations.Percentile(0.5) ?? double.PositiveInfinity;
}
