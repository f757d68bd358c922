using System.Globalization;
using System.Text;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Durations as Go writes them: <c>1h30m0s</c>, <c>1.5s</c>, <c>0s</c>.</summary>
public static class GoDurationText
{
    private static readonly (string Unit, double Nanos)[] s_units =
    [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ];

    /// <summary>Nanoseconds as text.</summary>
    public static string Format(long nanos)
    {
        if (nanos == 0)
        {
            return "0s";
        }

        var text = new StringBuilder(nanos < 0 ? "-" : "");
        ulong rest = (ulong)Math.Abs(nanos);
        if (rest < 1_000_000_000)
        {
            (string unit, double size) = rest < 1_000 ? ("ns", 1d) : rest < 1_000_000 ? ("µs", 1e3) : ("ms", 1e6);
            return text.Append((rest / size).ToString("0.######", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }

        ulong hours = rest / 3_600_000_000_000, minutes = rest / 60_000_000_000 % 60;
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        return text.Append(((rest % 60_000_000_000) / 1e9).ToString("0.#########", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    /// <summary>Text as nanoseconds; 0 where it is no duration.</summary>
    public static long Parse(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart('-');
        double nanos = 0;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], CultureInfo.InvariantCulture, out double number))
            {
                return 0;
            }

            rest = rest[digits..];
            int next = rest.IndexOfAny("0123456789.");
            string unit = (next < 0 ? rest : rest[..next]).ToString();
            nanos += number * s_units.FirstOrDefault(u => u.Unit == unit).Nanos;
            rest = next < 0 ? [] : rest[next..];
        }

        return (long)(text.StartsWith('-') ? -nanos : nanos);
    }
}
