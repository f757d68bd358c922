using System.Globalization;
using System.Security;
using System.Text;

namespace KubeLite.Benchmarks.Plots;

/// <summary>Bars of how many times as good as Kubernetes each row is, on a logarithmic axis, as SVG. More is better in every row; a tick
/// marks what the row should reach.</summary>
public sealed class RatioPlot
{
    private const int LabelWidth = 330, PlotWidth = 520, ValueWidth = 70, BarHeight = 13, RowGap = 12, Top = 70, Bottom = 34;

    // Told apart also by those who don't see red and green alike, and on white as on dark pages.
    private static readonly string[] s_colours = ["#3b6fb6", "#e08a1e", "#4f9d69", "#a05195"];

    private readonly IReadOnlyList<PlotSeries> _series;
    private readonly string[] _rows;
    private readonly double _least;
    private readonly double _most;

    /// <summary>Prepares.</summary>
    /// <param name="series">The servers; a row that only some have is drawn for those.</param>
    /// <exception cref="ArgumentException">There is nothing to draw.</exception>
    public RatioPlot(IReadOnlyList<PlotSeries> series)
    {
        _series = series;
        _rows = [.. series.SelectMany(s => s.Bars).Select(b => b.Row).Distinct()];
        double[] values = [.. series.SelectMany(s => s.Bars).SelectMany(b => new[] { b.Ratio, b.Target ?? b.Ratio })];
        if (values.Length == 0)
        {
            throw new ArgumentException("no row has a ratio to Kubernetes");
        }

        _least = Math.Min(0.5, values.Min() / 1.2);
        _most = values.Max() * 1.2;
    }

    private static int Width => LabelWidth + PlotWidth + ValueWidth;

    private int RowHeight => (_series.Count * BarHeight) + RowGap;

    private int Height => Top + (_rows.Length * RowHeight) + Bottom;

    /// <summary>Draws.</summary>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        Line(svg,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" font-family="sans-serif" font-size="12">""");
        Line(svg, $"""<rect width="100%" height="100%" fill="white"/>""");
        Line(svg,
            $"""<text x="12" y="22" font-size="15" font-weight="bold">How many times as good as Kubernetes v1.36 on two cores</text>""");
        Legend(svg);
        Axis(svg);
        for (int i = 0; i < _rows.Length; i++)
        {
            Row(svg, _rows[i], Top + (i * RowHeight) + (RowGap / 2));
        }

        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private void Legend(StringBuilder svg)
    {
        int x = 12;
        for (int i = 0; i < _series.Count; i++)
        {
            Line(svg, $"""<rect x="{x}" y="34" width="12" height="12" fill="{s_colours[i % s_colours.Length]}"/>""");
            Line(svg, $"""<text x="{x + 18}" y="44">{Escape(_series[i].Name)}</text>""");
            x += 40 + (_series[i].Name.Length * 7);
        }

        Line(svg,
            $"""<path d="M{Width - 150} 11v14" stroke="black" stroke-width="2"/><text x="{Width - 142}" y="22">what it should reach</text>""");
    }

    private void Axis(StringBuilder svg)
    {
        double[] steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
        foreach (double step in steps.Where(s => s >= _least && s <= _most))
        {
            double x = X(step);
            Line(svg, $"""<path d="M{x:0.0} {Top}V{Height - Bottom}" stroke="{(step == 1 ? "#444" : "#ddd")}"/>""");
            Line(svg, $"""<text x="{x:0.0}" y="{Height - Bottom + 16}" text-anchor="middle" fill="#444">{step:0.#}×</text>""");
        }
    }

    private void Row(StringBuilder svg, string row, int y)
    {
        double middle = y + (_series.Count * BarHeight / 2.0) + 4;
        Line(svg, $"""<text x="{LabelWidth - 10}" y="{middle:0.0}" text-anchor="end">{Escape(row)}</text>""");
        for (int i = 0; i < _series.Count; i++)
        {
            if (_series[i].Bars.FirstOrDefault(b => b.Row == row) is not { } bar)
            {
                continue;
            }

            double from = X(1), to = X(bar.Ratio), top = y + (i * BarHeight);
            Line(svg,
                $"""<rect x="{Math.Min(from, to):0.0}" y="{top:0.0}" width="{Math.Max(1, Math.Abs(to - from)):0.0}" height="{BarHeight - 2}" fill="{s_colours[i % s_colours.Length]}"/>""");
            double label = Math.Max(to, from);
            if (bar.Target is { } target)
            {
                Line(svg, $"""<path d="M{X(target):0.0} {top - 1:0.0}v{BarHeight}" stroke="black" stroke-width="2"/>""");
                label = Math.Abs(X(target) - label) < 40 ? Math.Max(label, X(target)) : label;
            }

            Line(svg,
                $"""<text x="{label + 5:0.0}" y="{top + BarHeight - 3:0.0}" font-size="11">{bar.Ratio.ToString(bar.Ratio < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)}</text>""");
        }
    }

    private double X(double ratio) =>
        LabelWidth + (PlotWidth * (Math.Log(ratio) - Math.Log(_least)) / (Math.Log(_most) - Math.Log(_least)));

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(FormattableString.Invariant(line)).Append('\n');
}
