using System.Globalization;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// A JSON path as printer columns and selectable fields use it (client-go's <c>jsonpath</c>): members, indexes,
/// wildcards, recursive descent and filters of one comparison. What isn't there gives nothing.
/// </summary>
public sealed class JsonPath
{
    private readonly List<Step> _steps;

    private JsonPath(List<Step> steps) => _steps = steps;

    /// <summary>Reads a path; null where it is none.</summary>
    public static JsonPath? Parse(string text)
    {
        var steps = new List<Step>();
        int at = 0;
        if (text.StartsWith('$') || text.StartsWith('@'))
        {
            at = 1;
        }

        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                bool deep = at + 1 < text.Length && text[at + 1] == '.';
                at += deep ? 2 : 1;
                string name = ReadName(text, ref at);
                if (name.Length > 0)
                {
                    steps.Add(new Step(name, 0, null, deep));
                }
            }
            else if (text[at] == '[')
            {
                int end = Close(text, at);
                if (end < 0)
                {
                    return null;
                }

                if (Bracket(text[(at + 1)..end]) is not { } step)
                {
                    return null;
                }

                steps.Add(step);
                at = end + 1;
            }
            else
            {
                string name = ReadName(text, ref at);
                if (name.Length == 0)
                {
                    return null;
                }

                steps.Add(new Step(name, 0, null, false));
            }
        }

        return new JsonPath(steps);
    }

    /// <summary>Every value that the path leads to.</summary>
    public List<object?> Find(object? root)
    {
        List<object?> current = [root];
        foreach (Step step in _steps)
        {
            var next = new List<object?>();
            foreach (object? value in current)
            {
                Follow(value, step, next);
            }

            current = next;
        }

        return current;
    }

    private static void Follow(object? value, Step step, List<object?> found)
    {
        if (step.Filter is { } filter)
        {
            found.AddRange((value as JsonList)?.Where(filter.Matches) ?? []);
        }
        else if (step.Name is null)
        {
            if (value is JsonList list && (step.Index < 0 ? list.Count + step.Index : step.Index) is var index && index >= 0 && index < list.Count)
            {
                found.Add(list[index]);
            }
        }
        else if (step.Name == "*")
        {
            found.AddRange(value switch { JsonList list => list, JsonMap map => map.Select(m => m.Value), _ => [] });
        }
        else if (value is JsonMap map && map.TryGetValue(step.Name, out object? member))
        {
            found.Add(member);
        }

        if (step.Deep)
        {
            foreach (object? inner in value switch { JsonList list => list, JsonMap below => below.Select(m => m.Value), _ => Enumerable.Empty<object?>() })
            {
                Follow(inner, step, found);
            }
        }
    }

    private static string ReadName(string text, ref int at)
    {
        var name = new System.Text.StringBuilder();
        while (at < text.Length && text[at] is not ('.' or '['))
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            name.Append(text[at++]);
        }

        return name.ToString();
    }

    private static int Close(string text, int open)
    {
        char quote = '\0';
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == '[')
            {
                depth++;
            }
            else if (c == ']' && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static Step? Bracket(string inside)
    {
        inside = inside.Trim();
        if (inside == "*")
        {
            return new Step("*", 0, null, false);
        }

        if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
        {
            return new Step(null, index, null, false);
        }

        if (inside.Length >= 2 && inside[0] is '\'' or '"')
        {
            return new Step(inside.Trim(inside[0]), 0, null, false);
        }

        if (inside.StartsWith("?(", StringComparison.Ordinal) && inside.EndsWith(')'))
        {
            return Filter.Parse(inside[2..^1]) is { } filter ? new Step(null, 0, filter, false) : null;
        }

        return null;
    }

    private sealed record Step(string? Name, int Index, Filter? Filter, bool Deep);

    /// <summary>A comparison of a member with a literal, or the question whether the member is there.</summary>
    private sealed record Filter(JsonPath Left, string Operator, object? Right)
    {
        private static readonly string[] s_operators = ["==", "!=", "<=", ">=", "<", ">"];

        public static Filter? Parse(string text)
        {
            foreach (string op in s_operators)
            {
                int at = text.IndexOf(op, StringComparison.Ordinal);
                if (at > 0)
                {
                    return JsonPath.Parse(text[..at].Trim()) is { } left ? new Filter(left, op, Literal(text[(at + op.Length)..].Trim())) : null;
                }
            }

            return JsonPath.Parse(text.Trim()) is { } path ? new Filter(path, "", null) : null;
        }

        public bool Matches(object? item)
        {
            List<object?> found = Left.Find(item);
            if (found.Count == 0 || Operator.Length == 0)
            {
                return found.Count > 0;
            }

            int? order = (found[0], Right) switch
            {
                (string a, string b) => string.CompareOrdinal(a, b),
                (bool a, bool b) => a.CompareTo(b),
                (long or double, long or double) => Convert.ToDouble(found[0], CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(Right, CultureInfo.InvariantCulture)),
                _ => null,
            };
            return order is { } by && Operator switch { "==" => by == 0, "!=" => by != 0, "<" => by < 0, ">" => by > 0, "<=" => by <= 0, _ => by >= 0 };
        }

        private static object? Literal(string text) => text switch
        {
            ['\'' or '"', .., '\'' or '"'] => text[1..^1],
            "true" => true,
            "false" => false,
            _ when long.TryParse(text, CultureInfo.InvariantCulture, out long number) => number,
            _ when double.TryParse(text, CultureInfo.InvariantCulture, out double number) => number,
            _ => text,
        };
    }
}
