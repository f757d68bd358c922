namespace KubeLite.Benchmarks.Load;

/// <summary>One figure of the report. Times are in milliseconds; null where a column says nothing.</summary>
/// <param name="Work">What was done.</param>
public sealed record Measurement(string Work)
{
    /// <summary>How many times.</summary>
    public int? Count { get; init; }

    /// <summary>How many failed.</summary>
    public int Failed { get; init; }

    /// <summary>How many a second.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Bytes of bodies a second.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Half of them took no longer.</summary>
    public double? P50 { get; init; }

    /// <summary>99 of 100 took no longer.</summary>
    public double? P99 { get; init; }

    /// <summary>Microseconds of CPU that the server used for each; hardly moved by what else the machine does.</summary>
    public double? ServerCpu { get; init; }

    /// <summary>A figure that is none of these, with its unit.</summary>
    public string? Value { get; init; }

    /// <summary>The yardstick of the same run that it is compared with.</summary>
    public string? Yardstick { get; init; }

    /// <summary>How many times the yardstick's rate it is.</summary>
    public double? Ratio { get; init; }
}
