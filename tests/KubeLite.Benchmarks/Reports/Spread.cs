using System.Globalization;

namespace KubeLite.Benchmarks.Reports;

/// <summary>Figures of several rounds in three numbers.</summary>
public sealed record Spread(double Median, double Min, double Max)
{
    /// <summary>Sums up; null where there are no figures.</summary>
    public static Spread? Of(IEnumerable<double?> figures)
    {
        double[] sorted = [.. figures.OfType<double>().Order()];
        return sorted.Length == 0
            ? null
            : new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }

    /// <summary>The median, and where rounds differ, the least and the most.</summary>
    public override string ToString() => Min == Max ? Short(Median) : $"{Short(Median)} ({Short(Min)}–{Short(Max)})";

    private static string Short(double value) => value.ToString(
        Math.Abs(value) switch { < 1 => "0.000", < 10 => "0.00", < 100 => "0.0", _ => "N0" }, CultureInfo.InvariantCulture);
}
