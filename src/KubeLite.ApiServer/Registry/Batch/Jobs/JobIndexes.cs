using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>Indexes of an indexed Job as its status lists them: <c>1,3-5</c>.</summary>
internal static class JobIndexes
{
    /// <summary>How many indexes a list names; false with Kubernetes' words where it is malformed.</summary>
    public static bool TryCount(string text, long completions, out long total, [NotNullWhen(false)] out string? fault)
    {
        total = 0;
        fault = null;
        if (text.Length == 0)
        {
            return true;
        }

        long sum = 0;
        long? last = null;
        foreach (string interval in text.Split(','))
        {
            if (!TryInterval(interval, completions, out long low, out long high, out fault))
            {
                return false;
            }

            if (last >= low)
            {
                fault = $"non-increasing order, previous: {last}, current: {low}";
                return false;
            }

            sum += high - low + 1;
            last = high;
        }

        total = sum;
        return true;
    }

    /// <summary>The first index that two lists share; null for none.</summary>
    public static long? Overlap(string a, string b, long completions)
    {
        long? first = null;
        foreach (string x in a.Split(','))
        {
            foreach (string y in b.Split(','))
            {
                if (TryInterval(x, completions, out long lowX, out long highX, out _) &&
                    TryInterval(y, completions, out long lowY, out long highY, out _) &&
                    lowX <= highY && lowY <= highX)
                {
                    long at = Math.Max(lowX, lowY);
                    first = first is null ? at : Math.Min(first.Value, at);
                }
            }
        }

        return first;
    }

    private static bool TryInterval(string text, long completions, out long low, out long high, [NotNullWhen(false)] out string? fault)
    {
        low = high = 0;
        string[] limits = text.Split('-');
        if (limits.Length > 2)
        {
            fault =
                $"the fragment {FieldError.GoQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'";
            return false;
        }

        if (!TryIndex(limits[0], completions, out low, out fault))
        {
            return false;
        }

        high = low;
        if (limits.Length == 1)
        {
            return true;
        }

        if (!TryIndex(limits[1], completions, out high, out fault))
        {
            return false;
        }

        if (low >= high)
        {
            fault = $"non-increasing order, previous: {low}, current: {high}";
            return false;
        }

        return true;
    }

    private static bool TryIndex(string text, long completions, out long index, [NotNullWhen(false)] out string? fault)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
        {
            fault = $"cannot convert string to integer for index: {FieldError.GoQuote(text)}";
            return false;
        }

        fault = index >= completions ? $"too large index: {FieldError.GoQuote(text)}" : null;
        return fault is null;
    }
}
