using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// A JSON path as printer columns use it (client-go's <c>util/jsonpath</c> of v1.36, missing keys allowed): members, indexes and
/// slices, unions, wildcards, recursive descent, filters of one comparison.
/// </summary>
public sealed class JsonPath
{
    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(IReadOnlyList<Step> steps) => _steps = steps;

    /// <summary>Reads a path; null where it is none.</summary>
    public static JsonPath? Parse(string text) => JsonPathParser.Parse(text) is { } steps ? new JsonPath(steps) : null;

    /// <summary>Every value that the path leads to: none where a step can't be made, as an index that is out of bounds.</summary>
    public List<object?> Find(object? root) => Walk([root], _steps) ?? [];

    /// <summary>What steps lead to; null where one can't be made.</summary>
    private static List<object?>? Walk(List<object?> values, IReadOnlyList<Step> steps)
    {
        List<object?>? current = values;
        foreach (Step step in steps)
        {
            current = current is null ? null : Go(current, step);
        }

        return current;
    }

    private static List<object?>? Go(List<object?> values, Step step)
    {
        var found = new List<object?>();
        switch (step)
        {
            case Unknown:
                return null;
            case Literal literal:
                found.AddRange(values.Select(_ => literal.Value));
                return found;
            case Union union:
                foreach (IReadOnlyList<Step> part in union.Parts)
                {
                    if (Walk(values, part) is not { } some)
                    {
                        return null;
                    }

                    found.AddRange(some);
                }

                return found;
            case Recursive:
                values.ForEach(v => Descend(v, found));
                return found;
        }

        foreach (object? value in values)
        {
            bool made = step switch
            {
                Field field => Member(value, field.Name, found),
                Wildcard => All(value, found),
                Slice slice => slice.Take(value, found),
                Filter filter => Select(value, filter, found),
                _ => false,
            };
            if (!made)
            {
                return null;
            }
        }

        return found;
    }

    private static bool Member(object? value, string name, List<object?> found)
    {
        if (value is JsonMap map && map.TryGetValue(name, out object? member))
        {
            found.Add(member);
        }

        return true;
    }

    private static bool All(object? value, List<object?> found)
    {
        found.AddRange(Inside(value));
        return true;
    }

    private static void Descend(object? value, List<object?> found)
    {
        if (!Inside(value).Any())
        {
            return;
        }

        found.Add(value);
        foreach (object? inner in Inside(value))
        {
            Descend(inner, found);
        }
    }

    private static IEnumerable<object?> Inside(object? value) => value switch
    {
        JsonList list => list,
        JsonMap map => map.Select(m => m.Value),
        _ => [],
    };

    private static bool Select(object? value, Filter filter, List<object?> found)
    {
        if (value is not JsonList list)
        {
            return false;
        }

        foreach (object? item in list)
        {
            List<object?>? left = Walk([item], filter.Left);
            if (filter.Operator.Length == 0)
            {
                if (left is { Count: > 0 })
                {
                    found.Add(item);
                }

                continue;
            }

            List<object?>? right = Walk([item], filter.Right);
            if (left is { Count: 0 } || (left is not null && right is { Count: 0 }))
            {
                continue;
            }

            if (left is not [var a] || right is not [var b] || Holds(a, filter.Operator, b) is not { } holds)
            {
                return false;
            }

            if (holds)
            {
                found.Add(item);
            }
        }

        return true;
    }

    /// <summary>Whether a comparison holds; null for values that can't be compared.</summary>
    private static bool? Holds(object? a, string op, object? b)
    {
        int? order = (a, b) switch
        {
            (string x, string y) => string.CompareOrdinal(x, y),
            (long x, long y) => x.CompareTo(y),
            (double x, double y) => x.CompareTo(y),
            (bool x, bool y) when op is "==" or "!=" => x.CompareTo(y),
            _ => null,
        };
        return order is not { } by ? null : op switch
        {
            "==" => by == 0,
            "!=" => by != 0,
            "<" => by < 0,
            ">" => by > 0,
            "<=" => by <= 0,
            ">=" => by >= 0,
            _ => null,
        };
    }

    /// <summary>A step of a path.</summary>
    internal abstract record Step;

    /// <summary>A member of an object.</summary>
    internal sealed record Field(string Name) : Step;

    /// <summary>All members or items.</summary>
    internal sealed record Wildcard : Step;

    /// <summary>The value and all objects and lists inside it.</summary>
    internal sealed record Recursive : Step;

    /// <summary>A text or number instead of what the path came to.</summary>
    internal sealed record Literal(object Value) : Step;

    /// <summary>A word that means nothing: such a path leads nowhere.</summary>
    internal sealed record Unknown : Step;

    /// <summary>What several paths lead to.</summary>
    internal sealed record Union(IReadOnlyList<IReadOnlyList<Step>> Parts) : Step;

    /// <summary>The items of a list that are as asked; without an operator, those for which the left side leads to something.</summary>
    internal sealed record Filter(IReadOnlyList<Step> Left, string Operator, IReadOnlyList<Step> Right) : Step;

    /// <summary>Items of a list from one index to before another; negative ones count from the end.</summary>
    /// <param name="From">The first index; null for the start.</param>
    /// <param name="To">The index behind the last; null for the end.</param>
    /// <param name="Every">How far it is from one to the next.</param>
    /// <param name="One">True where a single index was asked for.</param>
    internal sealed record Slice(int? From, int? To, int? Every, bool One) : Step
    {
        /// <summary>Adds the items; false where they can't be had.</summary>
        public bool Take(object? value, List<object?> found)
        {
            if (value is not JsonList list)
            {
                return value is null;
            }

            int from = From ?? 0, to = To ?? list.Count;
            from += from < 0 ? list.Count : 0;
            to += to < 0 || (to == 0 && One) ? list.Count : 0;
            if (from == to)
            {
                return true;
            }

            if (from < 0 || from >= list.Count || to < 0 || to > list.Count || from > to || Every <= 0)
            {
                return false;
            }

            for (int i = from; i < to; i += Every ?? 1)
            {
                found.Add(list[i]);
            }

            return true;
        }
    }
}
