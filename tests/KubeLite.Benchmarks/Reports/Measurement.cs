using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Reports;

/// <summary>The figure of one row in one round. Times are in milliseconds; null where something says nothing.</summary>
/// <param name="Row">What was measured.</param>
/// <param name="Value">The figure, in the row's unit.</param>
public sealed record Measurement(Row Row, double Value)
{
    /// <summary>How many times it was done.</summary>
    public int? Count { get; init; }

    /// <summary>How many failed.</summary>
    public int Failed { get; init; }

    /// <summary>Bytes of bodies a second.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Half of them took no longer.</summary>
    public double? P50 { get; init; }

    /// <summary>99 of 100 took no longer.</summary>
    public double? P99 { get; init; }

    /// <summary>Microseconds of CPU that the server used for each; hardly moved by what else the machine does.</summary>
    public double? ServerCpu { get; init; }

    /// <summary>What else is to be known.</summary>
    public string? Note { get; init; }

    /// <summary>The row of the same run that it is compared with.</summary>
    public Row? Yardstick { get; init; }

    /// <summary>The rate of a load.</summary>
    public static Measurement Rate(Row row, LoadResult load) => Of(row, load.PerSecond, load);

    /// <summary>The usual duration of a load's requests.</summary>
    public static Measurement Duration(Row row, LoadResult load) => Of(row, load.P50, load);

    /// <summary>The duration that 99 of 100 requests of a load didn't exceed.</summary>
    public static Measurement P99Of(Row row, LoadResult load) => Of(row, load.Durations.Percentile(0.99) ?? double.PositiveInfinity, load);

    private static Measurement Of(Row row, double value, LoadResult load) => new(row, value)
    {
        Count = load.Count,
        Failed = load.Failed,
        BytesPerSecond = load.Bytes / load.Seconds,
        P50 = load.Durations.Percentile(0.5),
        P99 = load.Durations.Percentile(0.99),
    };
}
