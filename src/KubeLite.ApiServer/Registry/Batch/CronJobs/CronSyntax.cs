using System.Globalization;

namespace KubeLite.ApiServer.Registry.Batch.CronJobs;

/// <summary>
/// Checks the syntax of schedules: five fields or a descriptor, with the words of the parser that Kubernetes uses (robfig/cron v3).
/// </summary>
internal static class CronSyntax
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly (long Min, long Max, string[] Names)[] s_fields =
        [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, s_months), (0, 6, s_days)];

    /// <summary>What is wrong with a schedule; null for nothing.</summary>
    public static string? Fault(string schedule)
    {
        if (schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            int space = schedule.IndexOf(' '), equals = schedule.IndexOf('=');
            if (space < 0)
            {
                return "invalid schedule: slice bounds out of range";
            }

            string zone = schedule[(equals + 1)..space];
            if (!IsTimeZone(zone))
            {
                return $"provided bad location {zone}: unknown time zone {zone}";
            }

            schedule = schedule[space..].Trim();
        }

        if (schedule.StartsWith('@'))
        {
            return Descriptor(schedule);
        }

        string[] fields = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != s_fields.Length)
        {
            return $"expected exactly {s_fields.Length} fields, found {fields.Length}: [{string.Join(' ', fields)}]";
        }

        for (int i = 0; i < fields.Length; i++)
        {
            foreach (string range in fields[i].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (Range(range, s_fields[i].Min, s_fields[i].Max, s_fields[i].Names) is { } fault)
                {
                    return fault;
                }
            }
        }

        return null;
    }

    /// <summary>True for a name of the time zone database.</summary>
    public static bool IsTimeZone(string name) =>
        name.Length == 0 || name == "Local" || TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    private static string? Descriptor(string schedule)
    {
        const string every = "@every ";
        if (schedule is "@yearly" or "@annually" or "@monthly" or "@weekly" or "@daily" or "@midnight" or "@hourly")
        {
            return null;
        }

        if (!schedule.StartsWith(every, StringComparison.Ordinal))
        {
            return $"unrecognized descriptor: {schedule}";
        }

        string duration = schedule[every.Length..];
        return IsDuration(duration) ? null : $"failed to parse duration {schedule}: time: invalid duration \"{duration}\"";
    }

    private static string? Range(string text, long min, long max, string[] names)
    {
        string[] rangeAndStep = text.Split('/'), lowAndHigh = rangeAndStep[0].Split('-');
        long start = min, end = max, step = 1;
        string? fault;
        if (lowAndHigh[0] is not ("*" or "?"))
        {
            if (!TryNumber(lowAndHigh[0], names, min, out start, out fault))
            {
                return fault;
            }

            switch (lowAndHigh.Length)
            {
                case 1:
                    end = start;
                    break;
                case 2:
                    if (!TryNumber(lowAndHigh[1], names, min, out end, out fault))
                    {
                        return fault;
                    }

                    break;
                default:
                    return $"too many hyphens: {text}";
            }
        }

        switch (rangeAndStep.Length)
        {
            case 1:
                break;
            case 2:
                if (!TryNumber(rangeAndStep[1], [], 0, out step, out fault))
                {
                    return fault;
                }

                end = lowAndHigh.Length == 1 ? max : end;
                break;
            default:
                return $"too many slashes: {text}";
        }

        if (start < min)
        {
            return $"beginning of range ({start}) below minimum ({min}): {text}";
        }

        if (end > max)
        {
            return $"end of range ({end}) above maximum ({max}): {text}";
        }

        if (start > end)
        {
            return $"beginning of range ({start}) beyond end of range ({end}): {text}";
        }

        return step == 0 ? $"step of range should be a positive number: {text}" : null;
    }

    private static bool TryNumber(string text, string[] names, long first, out long number, out string? fault)
    {
        fault = null;
        int name = Array.IndexOf(names, text.ToLowerInvariant());
        if (name >= 0)
        {
            number = name + first;
            return true;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            fault = $"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax";
            return false;
        }

        fault = number < 0 ? $"negative number ({number}) not allowed: {text}" : null;
        return fault is null;
    }

    /// <summary>True for a duration as Go writes them: <c>1h30m</c>.</summary>
    private static bool IsDuration(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart("+-");
        if (rest is "0")
        {
            return true;
        }

        while (rest.Length > 0)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0)
            {
                return false;
            }

            rest = rest[digits..];
            int unit = rest.IndexOfAny("0123456789.");
            ReadOnlySpan<char> name = unit < 0 ? rest : rest[..unit];
            if (name is not ("ns" or "us" or "µs" or "μs" or "ms" or "s" or "m" or "h"))
            {
                return false;
            }

            rest = unit < 0 ? default : rest[unit..];
        }

        return text.Length > 0;
    }
}
