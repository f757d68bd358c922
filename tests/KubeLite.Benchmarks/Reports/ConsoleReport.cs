using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace KubeLite.Benchmarks.Reports;

/// <summary>The figures as tables for people: one a server, and one that compares where there are two.</summary>
public static class ConsoleReport
{
    /// <summary>Prints.</summary>
    public static void Print(IAnsiConsole console, IReadOnlyList<ServerFigures> servers)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = 320;
        }

        foreach (ServerFigures server in servers)
        {
            console.MarkupLineInterpolated(
                $"[bold]{server.Name}[/], {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}; median (least–most) of the rounds");
            console.Write(Figures(server));
        }

        if (servers is [var a, var b])
        {
            console.MarkupLineInterpolated(
                $"[bold]B = {b.Name}[/] beside [bold]A = {a.Name}[/]: how many times as good B was in each round, more is better in every unit");
            console.Write(Comparison(a, b));
        }
    }

    private static Table Figures(ServerFigures server)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns(
            "work", "unit", "figure", "p50 ms", "p99 ms", "MB/s", "server CPU µs", "of the yardstick", "× Kubernetes", "target", "met", "");
        foreach (ServerRow r in server.Rows())
        {
            int failed = r.Rounds.Sum(m => m?.Failed ?? 0);
            table.AddRow(
                Markup.Escape(r.Row.Name), r.Row.Unit, $"{r.Figure}", Text(r.Median(m => m.P50), "0.0"), Text(r.Median(m => m.P99), "0.0"),
                r.Median(m => m.BytesPerSecond) is > 1e6 and { } bytes ? Text(bytes / 1e6, "0") : "", Text(
                    r.Median(m => m.ServerCpu), "N0"),
                $"{r.Share}", $"{r.TimesKubernetes}", Markup.Escape(r.Goal?.Describe(r.Row)
                    ?? ""), r.IsMet switch { true => "yes", false => "no", null => "" },
                Markup.Escape((failed > 0 ? $"{failed} FAILED; " : "") + r.Rounds.LastOrDefault(m => m?.Note is not null)?.Note));
        }

        return table;
    }

    private static Table Comparison(ServerFigures a, ServerFigures b)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns("work", "unit", "A", "B", "B over A", "B over A, server CPU");
        foreach ((ServerRow first, ServerRow second) in Gains.Pairs(a, b))
        {
            table.AddRow(
                Markup.Escape(first.Row.Name), first.Row.Unit, $"{first.Figure}", $"{second.Figure}", $"{Gains.Of(first, second)}",
                $"{Gains.OfCpu(first, second)}");
        }

        return table;
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
