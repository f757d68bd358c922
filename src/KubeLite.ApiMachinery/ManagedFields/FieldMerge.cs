using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>Merges an applied configuration into an object: the configuration's leaves win, what it doesn't name stays.</summary>
internal static class FieldMerge
{
    /// <summary>The merged object; the two given ones are not changed and parts of them may be shared.</summary>
    public static JsonMap Merge(JsonMap live, JsonMap config, Schema schema) => Map(live, config, schema);

    private static object? Value(object? live, object? config, Schema schema)
    {
        if (ReferenceEquals(config, TypedValues.Absent))
        {
            return live;
        }

        if (ReferenceEquals(live, TypedValues.Absent))
        {
            return config;
        }

        return TypedValues.ShapeOf(schema, config) switch
        {
            Shape.Map when live is JsonMap l && config is JsonMap c && (l.Count > 0 || c.Count > 0) => Map(l, c, schema),
            Shape.List when live is JsonList l && config is JsonList c && (l.Count > 0 || c.Count > 0) => List(l, c, schema),
            Shape.Map when config is null && live is JsonMap { Count: > 0 } => live,
            Shape.List when config is null && live is JsonList { Count: > 0 } => live,
            _ => config,
        };
    }

    private static JsonMap Map(JsonMap live, JsonMap config, Schema schema)
    {
        var result = new JsonMap(live.Count + config.Count);
        for (int i = 0; i < live.Count; i++)
        {
            var (name, value) = live.At(i);
            result.Append(
                name, config.TryGetValue(name, out object? wanted) ? Value(value, wanted, TypedValues.Member(schema, name).Schema) : value);
        }

        for (int i = 0; i < config.Count; i++)
        {
            var (name, value) = config.At(i);
            if (!live.ContainsKey(name))
            {
                result.Append(name, value);
            }
        }

        return result;
    }

    /// <summary>
    /// The order is the configuration's for its own items; the live object's other items keep their place between those
    /// that both have.
    /// </summary>
    private static JsonList List(JsonList live, JsonList config, Schema schema)
    {
        List<PathElement> left = [.. live.Select(i => PathElement.ForItem(schema, i))];
        List<PathElement> right = [.. config.Select(i => PathElement.ForItem(schema, i))];
        Dictionary<PathElement, object?> old = [];
        for (int i = 0; i < left.Count; i++)
        {
            // Of items that stand twice none is merged.
            old[left[i]] = old.ContainsKey(left[i]) ? null : live[i];
        }

        var wanted = new Dictionary<PathElement, object?>();
        for (int i = 0; i < right.Count; i++)
        {
            wanted[right[i]] = config[i];
        }

        var shared = new Queue<PathElement>(right.Where(old.ContainsKey));
        var merged = new HashSet<PathElement>();
        var result = new JsonList(Math.Max(left.Count, right.Count));
        int l = 0, r = 0;
        while (l < left.Count || r < right.Count)
        {
            if (l < left.Count && r < right.Count)
            {
                if (left[l] == right[r])
                {
                    Take(right[r]);
                    l++;
                    r++;
                    shared.TryDequeue(out _);
                    continue;
                }

                if (wanted.ContainsKey(left[l]) && shared.TryPeek(out PathElement next) && next != left[l])
                {
                    // Both have it, but another shared item comes first.
                    l++;
                    continue;
                }
            }

            if (l < left.Count)
            {
                if (!wanted.ContainsKey(left[l]))
                {
                    result.Add(live[l]);
                    l++;
                    continue;
                }

                if (merged.Contains(left[l]))
                {
                    l++;
                }
            }

            if (r < right.Count)
            {
                PathElement element = right[r];
                Take(element);
                r++;
                if (shared.TryPeek(out PathElement next) && next == element)
                {
                    shared.Dequeue();
                }
            }
        }

        return result;

        void Take(PathElement element)
        {
            merged.Add(element);
            result.Add(old.TryGetValue(element, out object? mine) && mine is not null
                ? Value(mine, wanted[element], TypedValues.Item(schema))
                : wanted[element]);
        }
    }
}
