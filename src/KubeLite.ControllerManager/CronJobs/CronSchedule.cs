using System.Globalization;

namespace KubeLite.ControllerManager.CronJobs;

/// <summary>
/// A schedule of five fields (minute, hour, day of month, month, day of week), or <c>@hourly</c>, <c>@daily</c>,
/// <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c> or <c>@every DURATION</c>, in a time zone (Kubernetes documentation,
/// "CronJob", "Schedule syntax"). Where both days are restricted, either is enough. Immutable.
/// </summary>
public sealed class CronSchedule
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _monthDays;
    private readonly ulong _months;
    private readonly ulong _weekDays;
    private readonly bool _anyMonthDay;
    private readonly bool _anyWeekDay;
    private readonly TimeSpan? _every;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(string[] fields, TimeZoneInfo zone)
    {
        _zone = zone;
        _minutes = Field(fields[0], 0, 59, [], 0);
        _hours = Field(fields[1], 0, 23, [], 0);
        _monthDays = Field(fields[2], 1, 31, [], 0);
        _months = Field(fields[3], 1, 12, s_months, 1);
        _weekDays = Field(fields[4], 0, 7, s_days, 0);
        // Sunday is 0 and 7.
        _weekDays |= (_weekDays >> 7) & 1;
        _anyMonthDay = fields[2][0] is '*' or '?';
        _anyWeekDay = fields[4][0] is '*' or '?';
    }

    private CronSchedule(TimeSpan every)
    {
        _every = every;
        _zone = TimeZoneInfo.Utc;
    }

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">The fields.</param>
    /// <param name="zone">The zone it counts in, unless the text starts with <c>TZ=</c> or <c>CRON_TZ=</c>.</param>
    /// <exception cref="FormatException">The text isn't a schedule; the message says where.</exception>
    public static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        text = text.Trim();
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            var name = end < 0 ? "" : text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..end];
            zone = TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found)
                ? found
                : throw new FormatException($"provided bad location {name}");
            text = text[(end + 1)..].Trim();
        }
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return KubeLite.Hosting.CommandLine.GoDuration.TryParse(text[7..], out var every) && every > TimeSpan.Zero
                ? new CronSchedule(TimeSpan.FromSeconds(Math.Max(1, Math.Floor(every.TotalSeconds))))
                : throw new FormatException($"failed to parse duration {text}");
        }
        var fields = text switch
        {
            "@yearly" or "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" or "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => text,
        };
        var parts = fields.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 5
            ? new CronSchedule(parts, zone)
            : throw new FormatException($"expected exactly 5 fields, found {parts.Length}: [{text}]");
    }

    /// <summary>The first time after <paramref name="after"/>, both UTC; null where there is none within five years.</summary>
    public DateTime? Next(DateTime after)
    {
        if (_every is { } every)
        {
            return new DateTime(after.Ticks - (after.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc) + every;
        }
        var local = TimeZoneInfo.ConvertTimeFromUtc(after, _zone);
        var time = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var limit = local.AddYears(5);
        while (time < limit)
        {
            if (!Has(_months, time.Month))
            {
                time = new DateTime(time.Year, time.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            }
            else if (!DayMatches(time))
            {
                time = time.Date.AddDays(1);
            }
            else if (!Has(_hours, time.Hour))
            {
                time = time.Date.AddHours(time.Hour + 1);
            }
            else if (!Has(_minutes, time.Minute) || _zone.IsInvalidTime(time) || ToUtc(time) <= after)
            {
                // A local time that the clock skips doesn't happen.
                time = time.AddMinutes(1);
            }
            else
            {
                return ToUtc(time);
            }
        }
        return null;
    }

    private DateTime ToUtc(DateTime local)
    {
        if (!_zone.IsAmbiguousTime(local))
        {
            return TimeZoneInfo.ConvertTimeToUtc(local, _zone);
        }
        // Of two equal local times the first counts, which has the larger offset.
        return DateTime.SpecifyKind(local - _zone.GetAmbiguousTimeOffsets(local).Max(), DateTimeKind.Utc);
    }

    private bool DayMatches(DateTime time)
    {
        var byMonth = Has(_monthDays, time.Day);
        var byWeek = Has(_weekDays, (int)time.DayOfWeek);
        return _anyMonthDay || _anyWeekDay ? byMonth && byWeek : byMonth || byWeek;
    }

    private static bool Has(ulong bits, int value) => ((bits >> value) & 1) != 0;

    private static ulong Field(string text, int least, int most, string[] names, int firstName)
    {
        ulong bits = 0;
        foreach (var part in text.Split(','))
        {
            var slash = part.Split('/');
            var ends = slash[0].Split('-');
            if (slash.Length > 2 || ends.Length > 2)
            {
                throw new FormatException($"too many hyphens or slashes: {part}");
            }
            int first, last;
            if (ends[0] is "*" or "?")
            {
                (first, last) = (least, most == 7 ? 6 : most);
            }
            else
            {
                first = Number(ends[0], names, firstName);
                last = ends.Length == 2 ? Number(ends[1], names, firstName) : slash.Length == 2 ? most : first;
            }
            var step = slash.Length == 2 ? Number(slash[1], [], 0) : 1;
            if (first < least || last > most || first > last || step < 1)
            {
                throw new FormatException($"value out of range ({least} to {most}): {part}");
            }
            for (var value = first; value <= last; value += step)
            {
                bits |= 1UL << value;
            }
        }
        return bits;
    }

    private static int Number(string text, string[] names, int firstName)
    {
        var index = Array.IndexOf(names, text.ToLowerInvariant());
        if (index >= 0)
        {
            return index + firstName;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"failed to parse int from {text}");
    }
}
