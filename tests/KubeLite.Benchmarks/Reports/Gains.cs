namespace KubeLite.Benchmarks.Reports;

/// <summary>Compares two servers round by round, so that what slows the machine for a while slows both sides of a ratio.</summary>
public static class Gains
{
    /// <summary>The rows that both have.</summary>
    public static IEnumerable<(ServerRow A, ServerRow B)> Pairs(ServerFigures a, ServerFigures b) =>
        a.Rows().Join(b.Rows(), r => r.Row, r => r.Row, (first, second) => (first, second));

    /// <summary>How many times as good B's figure was: more is better in every unit.</summary>
    public static Spread? Of(ServerRow a, ServerRow b) =>
        Spread.Of(a.Rounds.Zip(b.Rounds, (x, y) => x is null || y is null ? null : (double?)a.Row.Gain(x.Value, y.Value)));

    /// <summary>How many times less CPU B's server used.</summary>
    public static Spread? OfCpu(ServerRow a, ServerRow b) => Spread.Of(a.Rounds.Zip(b.Rounds, (x, y) => x?.ServerCpu / y?.ServerCpu));
}
