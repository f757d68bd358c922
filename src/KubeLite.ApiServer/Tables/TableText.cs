using System.Globalization;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Tables;

/// <summary>Texts of cells in the manner of kubectl.</summary>
public static class TableText
{
    /// <summary>What stands for nothing.</summary>
    public const string None = "<none>";

    /// <summary>How long ago a time was: <c>5m3s</c>, <c>2d4h</c>; &lt;unknown&gt; where there is none.</summary>
    public static object Age(string? time) => ApiTime.TryParse(time, out DateTimeOffset then) ? new AgeCell("", then, "") : "<unknown>";

    /// <summary>A duration with the two units that matter (apimachinery's <c>util/duration</c>).</summary>
    public static string Duration(TimeSpan duration)
    {
        long seconds = (long)Math.Floor(duration.TotalSeconds);
        if (seconds < -1)
        {
            return "<invalid>";
        }

        if (seconds < 0)
        {
            return "0s";
        }

        if (seconds < 120)
        {
            return Text($"{seconds}s");
        }

        long minutes = seconds / 60;
        if (minutes < 10)
        {
            return seconds % 60 == 0 ? Text($"{minutes}m") : Text($"{minutes}m{seconds % 60}s");
        }

        if (minutes < 180)
        {
            return Text($"{minutes}m");
        }

        long hours = minutes / 60;
        if (hours < 8)
        {
            return minutes % 60 == 0 ? Text($"{hours}h") : Text($"{hours}h{minutes % 60}m");
        }

        if (hours < 48)
        {
            return Text($"{hours}h");
        }

        if (hours < 192)
        {
            return hours % 24 == 0 ? Text($"{hours / 24}d") : Text($"{hours / 24}d{hours % 24}h");
        }

        if (hours < 24 * 365 * 2)
        {
            return Text($"{hours / 24}d");
        }

        if (hours < 24 * 365 * 8)
        {
            long years = hours / 24 / 365;
            long days = hours / 24 % 365;
            return days == 0 ? Text($"{years}y") : Text($"{years}y{days}d");
        }

        return Text($"{hours / 24 / 365}y");
    }

    /// <summary>Labels as <c>a=b,c=d</c>; &lt;none&gt; for none.</summary>
    public static string Labels(JsonMap? labels) => labels is not { Count: > 0 }
        ? None
        : string.Join(",", labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    /// <summary>A label selector's text; &lt;none&gt; for null or empty.</summary>
    public static string Selector(JsonMap? selector)
    {
        try
        {
            string text = ApiMachinery.Selectors.LabelSelector.FromObject(selector)?.ToString() ?? "";
            return text.Length == 0 ? None : text;
        }
        catch (ApiMachinery.Selectors.SelectorException)
        {
            return "<error>";
        }
    }

    /// <summary>Items joined by commas; &lt;none&gt; for none.</summary>
    public static string Joined(IEnumerable<string?> items)
    {
        string text = string.Join(",", items);
        return text.Length == 0 ? None : text;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
