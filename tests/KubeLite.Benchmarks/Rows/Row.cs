namespace KubeLite.Benchmarks.Rows;

/// <summary>One line of the report: what is measured, in what unit, and what it is held against.</summary>
/// <param name="Name">What is measured, for people.</param>
/// <param name="Unit">The unit of its figure: /s, ms, s, MB, KB, %.</param>
public sealed record Row(string Name, string Unit)
{
    /// <summary>Whether a smaller figure is the better one; a rate by default, where it isn't.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>What Kubernetes v1.36.2 did on two cores; null where that was not measured.</summary>
    public double? Kubernetes { get; init; }

    /// <summary>What it should reach; null where nothing is asked.</summary>
    public Goal? Goal { get; init; }

    /// <summary>What it should reach on SQLite, where that differs.</summary>
    public Goal? GoalOnSqlite { get; init; }

    /// <summary>
    /// How many times as good as Kubernetes a figure is: more is better in every unit. Null where Kubernetes' is unknown.
    /// </summary>
    public double? TimesKubernetes(double value) => Kubernetes is { } theirs ? Gain(theirs, value) : null;

    /// <summary>How many times as good a figure is as another: more is better in every unit.</summary>
    public double Gain(double from, double to) => LessIsBetter ? from / to : to / from;

    /// <summary>The goal on a store; null where nothing is asked.</summary>
    public Goal? GoalOn(string? datastore) => datastore == "sqlite" ? GoalOnSqlite ?? Goal : Goal;
}
