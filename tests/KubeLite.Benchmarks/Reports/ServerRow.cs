using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Reports;

/// <summary>One row of one server over all rounds.</summary>
/// <param name="Row">The row.</param>
/// <param name="Rounds">What each round brought, in their order; null where a round did not.</param>
/// <param name="OfYardstick">How each round compares with its own yardstick; null where it has none.</param>
/// <param name="Goal">What it should reach; null where nothing is asked.</param>
public sealed record ServerRow(Row Row, IReadOnlyList<Measurement?> Rounds, IReadOnlyList<double?> OfYardstick, Goal? Goal)
{
    /// <summary>The figures.</summary>
    public Spread? Figure => Spread.Of(Rounds.Select(m => m?.Value));

    /// <summary>The shares of the yardstick.</summary>
    public Spread? Share => Spread.Of(OfYardstick);

    /// <summary>How many times as good as Kubernetes.</summary>
    public Spread? TimesKubernetes => Spread.Of(Rounds.Select(m => m is null ? null : Row.TimesKubernetes(m.Value)));

    /// <summary>Whether the medians reach the goal; null where there is none or it can't be told.</summary>
    public bool? IsMet => Goal is null || Figure is null ? null : Goal.IsMet(Row, Figure.Median, Share?.Median);

    /// <summary>The median of something that the rounds tell besides.</summary>
    public double? Median(Func<Measurement, double?> what) => Spread.Of(Rounds.Select(m => m is null ? null : what(m)))?.Median;
}
