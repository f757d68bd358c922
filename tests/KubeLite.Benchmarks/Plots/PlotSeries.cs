using System.Text.Json;

namespace KubeLite.Benchmarks.Plots;

/// <summary>The bars of one server.</summary>
/// <param name="Name">The server, for people.</param>
/// <param name="Bars">A bar for each row that Kubernetes' figure is known of.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<PlotBar> Bars)
{
    /// <summary>The servers of a file that <see cref="Reports.JsonReport"/> wrote.</summary>
    public static IEnumerable<PlotSeries> Read(string file)
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (JsonElement server in report.RootElement.GetProperty("servers").EnumerateArray())
        {
            yield return new PlotSeries(
                server.GetProperty("name").GetString()!,
                [.. server.GetProperty("rows").EnumerateArray().Where(r => r.TryGetProperty("timesKubernetes", out _)).Select(Bar)]);
        }
    }

    private static PlotBar Bar(JsonElement row)
    {
        double? target = null;
        if (row.TryGetProperty("target", out JsonElement goal))
        {
            target = goal.TryGetProperty("timesKubernetes", out JsonElement times) ? times.GetDouble()
                : goal.TryGetProperty("bound", out JsonElement bound) ? Times(row, bound.GetDouble())
                : null;
        }

        return new PlotBar(
            row.GetProperty("row").GetString()!, row.GetProperty("timesKubernetes").GetProperty("median").GetDouble(), target);
    }

    private static double Times(JsonElement row, double value)
    {
        double theirs = row.GetProperty("kubernetes").GetDouble();
        return row.GetProperty("lessIsBetter").GetBoolean() ? theirs / value : value / theirs;
    }
}
