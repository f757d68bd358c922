using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>The difference of two values as messages about unchangeable fields show it: a unified diff of their indented JSON.</summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>The diff, each line ended; empty where the values are equal.</summary>
    public static string Of(object? old, object? value)
    {
        string[] a = Lines(old), b = Lines(value);
        List<(char Sign, string Text, int A, int B)> edits = Edits(a, b);
        var text = new StringBuilder();
        for (int i = 0; i < edits.Count;)
        {
            if (edits[i].Sign == ' ')
            {
                i++;
                continue;
            }

            int start = Math.Max(0, i - Context), end = i;
            for (int quiet = 0, at = i; at < edits.Count && quiet <= 2 * Context; at++)
            {
                quiet = edits[at].Sign == ' ' ? quiet + 1 : 0;
                end = quiet == 0 ? at : end;
            }

            end = Math.Min(edits.Count - 1, end + Context);
            int lengthA = 0, lengthB = 0;
            for (int at = start; at <= end; at++)
            {
                lengthA += edits[at].Sign == '+' ? 0 : 1;
                lengthB += edits[at].Sign == '-' ? 0 : 1;
            }

            text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(edits[start].A, lengthA)} +{Range(edits[start].B, lengthB)} @@\n");
            for (int at = start; at <= end; at++)
            {
                text.Append(edits[at].Sign).Append(edits[at].Text).Append('\n');
            }

            i = end + 1;
        }

        return text.ToString();
    }

    private static string Range(int start, int length) => length == 1
        ? (start + 1).ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{(length == 0 ? start : start + 1)},{length}");

    private static List<(char Sign, string Text, int A, int B)> Edits(string[] a, string[] b)
    {
        int head = 0, tail = 0;
        while (head < a.Length && head < b.Length && a[head] == b[head])
        {
            head++;
        }

        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)])
        {
            tail++;
        }

        int n = a.Length - head - tail, m = b.Length - head - tail;
        var common = new int[n + 1, m + 1];
        for (int i = n - 1; i >= 0; i--)
        {
            for (int j = m - 1; j >= 0; j--)
            {
                common[i, j] = a[head + i] == b[head + j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var edits = new List<(char, string, int, int)>();
        for (int i = 0; i < head; i++)
        {
            edits.Add((' ', a[i], i, i));
        }

        int x = 0, y = 0;
        while (x < n || y < m)
        {
            if (x < n && y < m && a[head + x] == b[head + y])
            {
                edits.Add((' ', a[head + x], head + x++, head + y++));
            }
            else if (x < n && (y == m || common[x + 1, y] >= common[x, y + 1]))
            {
                edits.Add(('-', a[head + x], head + x++, head + y));
            }
            else
            {
                edits.Add(('+', b[head + y], head + x, head + y++));
            }
        }

        for (int i = tail; i > 0; i--)
        {
            edits.Add((' ', a[^i], a.Length - i, b.Length - i));
        }

        return edits;
    }

    private static string[] Lines(object? value)
    {
        var text = new StringBuilder();
        Write(value, 0, text);
        return text.ToString().Split('\n');
    }

    private static void Write(object? value, int depth, StringBuilder text)
    {
        switch (value)
        {
            case JsonMap { Count: > 0 } map:
                text.Append('{');
                for (int i = 0; i < map.Count; i++)
                {
                    var (key, member) = map.At(i);
                    Break(i, depth + 1, text).Append(JsonWriting.ToText(key)).Append(": ");
                    Write(member, depth + 1, text);
                }

                text.Append('\n').Append(' ', depth).Append('}');
                break;
            case JsonList { Count: > 0 } list:
                text.Append('[');
                for (int i = 0; i < list.Count; i++)
                {
                    Break(i, depth + 1, text);
                    Write(list[i], depth + 1, text);
                }

                text.Append('\n').Append(' ', depth).Append(']');
                break;
            default:
                text.Append(JsonWriting.ToText(value));
                break;
        }
    }

    private static StringBuilder Break(int index, int depth, StringBuilder text) =>
        text.Append(index > 0 ? ",\n" : "\n").Append(' ', depth);
}
