using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Reports;

/// <summary>What was measured of one server, round by round.</summary>
/// <param name="name">The server, for people.</param>
/// <param name="datastore">Its store; null where unknown.</param>
/// <param name="comparable">Whether the amounts were those of Kubernetes' figures; only then is it held against them.</param>
public sealed class ServerFigures(string name, string? datastore, bool comparable)
{
    private readonly List<List<Measurement>> _rounds = [];

    /// <summary>The server, for people.</summary>
    public string Name => name;

    /// <summary>Begins a round.</summary>
    public void NextRound() => _rounds.Add([]);

    /// <summary>Takes a figure of the round and says on the error stream that it is there.</summary>
    public void Add(Measurement measurement)
    {
        _rounds[^1].Add(measurement);
        Console.Error.WriteLine(FormattableString.Invariant(
            $"{name}, round {_rounds.Count}: {measurement.Row.Name}: {measurement.Value:0.##} {measurement.Row.Unit} {measurement.Note}"));
    }

    /// <summary>The rows that any round has, in the order of the first round.</summary>
    public IReadOnlyList<ServerRow> Rows()
    {
        var rows = new List<ServerRow>();
        foreach (Row row in _rounds.SelectMany(r => r).Select(m => m.Row).Distinct())
        {
            rows.Add(new ServerRow(
                comparable ? row : row with { Kubernetes = null }, [.. _rounds.Select(r => Find(r, row))],
                [.. _rounds.Select(r => ShareOf(r, row))],
                comparable ? row.GoalOn(datastore) : null));
        }

        return rows;
    }

    private static Measurement? Find(List<Measurement> round, Row? row) => round.Find(m => m.Row == row);

    private static double? ShareOf(List<Measurement> round, Row row) =>
        Find(round, row) is { Yardstick: { } yardstick } mine && Find(round, yardstick) is { } theirs
            ? row.Gain(theirs.Value, mine.Value)
            : null;
}
