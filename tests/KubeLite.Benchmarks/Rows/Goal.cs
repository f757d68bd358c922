namespace KubeLite.Benchmarks.Rows;

/// <summary>What a row should reach; every part that is given has to be.</summary>
public sealed record Goal
{
    /// <summary>At least so many times as good as Kubernetes.</summary>
    public double? TimesKubernetes { get; init; }

    /// <summary>No worse than this, in the row's unit.</summary>
    public double? Bound { get; init; }

    /// <summary>At least this share of the row's yardstick.</summary>
    public double? OfYardstick { get; init; }

    /// <summary>Whether figures reach it; null where a part can't be told.</summary>
    public bool? IsMet(Row row, double value, double? ofYardstick)
    {
        bool?[] parts =
        [
            TimesKubernetes is null ? true : row.TimesKubernetes(value) >= TimesKubernetes,
            Bound is null ? true : row.LessIsBetter ? value <= Bound : value >= Bound,
            OfYardstick is null ? true : ofYardstick is { } share ? share >= OfYardstick : null,
        ];
        return parts.Contains(false) ? false : parts.Contains(null) ? null : true;
    }

    /// <summary>The goal in words, with the row's unit.</summary>
    public string Describe(Row row) => string.Join(", ", new[]
    {
        TimesKubernetes is { } times ? FormattableString.Invariant($"≥ {times:0.#} ×") : null,
        Bound is { } bound ? FormattableString.Invariant($"{(row.LessIsBetter ? "≤" : "≥")} {bound:0.##} {row.Unit}") : null,
        OfYardstick is { } share ? FormattableString.Invariant($"≥ {share:0.##} of the yardstick") : null,
    }.OfType<string>());
}
