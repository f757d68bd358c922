using System.Globalization;
using System.Text;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>Completion indexes, written as in a Job's status: <c>0-2,5</c>.</summary>
internal sealed class IndexSet
{
    private readonly SortedSet<int> _indexes = [];

    internal int Count => _indexes.Count;

    internal bool Contains(int index) => _indexes.Contains(index);

    internal bool Add(int index) => _indexes.Add(index);

    /// <summary>Reads the text form; indexes at or above the bound and what isn't a number are left out.</summary>
    internal static IndexSet Parse(string? text, int bound)
    {
        var set = new IndexSet();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                continue;
            }
            for (var index = first; index <= last && index < bound; index++)
            {
                set.Add(index);
            }
        }
        return set;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        int? start = null;
        var previous = -2;
        foreach (var index in _indexes)
        {
            if (start is { } first && index != previous + 1)
            {
                Append(text, first, previous);
                start = index;
            }
            start ??= index;
            previous = index;
        }
        if (start is { } open)
        {
            Append(text, open, previous);
        }
        return text.ToString();
    }

    // Two neighbours are written as a list, three or more as a range.
    private static void Append(StringBuilder text, int first, int last)
    {
        if (text.Length > 0)
        {
            text.Append(',');
        }
        text.Append(first);
        if (last > first)
        {
            text.Append(last == first + 1 ? ',' : '-').Append(last);
        }
    }
}
