using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using KubeLite.Benchmarks.Load;
using Spectre.Console;

namespace KubeLite.Benchmarks;

/// <summary>The figures of a run: a table for people, JSON for programs.</summary>
public sealed class Report(string target)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<Measurement> _measurements = [];

    /// <summary>Takes a figure and says on the error stream that it is there.</summary>
    public void Add(Measurement? measurement)
    {
        if (measurement is not null)
        {
            _measurements.Add(measurement);
            Console.Error.WriteLine($"{measurement.Work}: {measurement.PerSecond:0} {measurement.ServerCpu:0} µs {measurement.Value}");
        }
    }

    /// <summary>Prints the table.</summary>
    public void Print(IAnsiConsole console)
    {
        Compare();
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = 240;
        }

        var table = new Table().AddColumns("work", "count", "per s", "MB/s", "p50 ms", "p99 ms", "server CPU µs", "", "of the yardstick").Border(TableBorder.Markdown);
        foreach (Measurement m in _measurements)
        {
            table.AddRow(
                Markup.Escape(m.Work), Text(m.Count, "N0") + (m.Failed > 0 ? $" ({m.Failed} failed)" : ""), Text(m.PerSecond, m.PerSecond < 10 ? "0.0" : "N0"),
                m.BytesPerSecond > 1e6 ? Text(m.BytesPerSecond / 1e6, "0") : "", Text(m.P50, "0.0"), Text(m.P99, "0.0"), Text(m.ServerCpu, "N0"), Markup.Escape(m.Value ?? ""),
                m.Ratio is null ? "" : Text(m.Ratio, "0.000"));
        }

        console.MarkupLineInterpolated($"[bold]{target}[/], {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}");
        console.Write(table);
    }

    /// <summary>Writes the JSON.</summary>
    public void Save(string file)
    {
        Compare();
        File.WriteAllText(file, JsonSerializer.Serialize(
            new { target, cores = Environment.ProcessorCount, system = RuntimeInformation.OSDescription, measurements = _measurements }, s_json));
    }

    private void Compare()
    {
        for (int i = 0; i < _measurements.Count; i++)
        {
            Measurement m = _measurements[i];
            if (_measurements.Find(y => y.Work == m.Yardstick) is { } yardstick)
            {
                _measurements[i] = m with { Ratio = m.PerSecond / yardstick.PerSecond };
            }
        }
    }

    private static string Text(IFormattable? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
