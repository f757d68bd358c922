using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>Which fields a change removed, modified and added; no field is in two of the sets.</summary>
public sealed class FieldComparison
{
    private readonly List<PathElement> _path = [];

    private FieldComparison() { }

    /// <summary>Fields that only the old object has.</summary>
    public FieldSet Removed { get; private set; } = new();

    /// <summary>Fields of both whose values differ.</summary>
    public FieldSet Modified { get; private set; } = new();

    /// <summary>Fields that only the new object has.</summary>
    public FieldSet Added { get; private set; } = new();

    /// <summary>Compares two objects.</summary>
    /// <exception cref="ManagedFieldsException">A list's items can't be told apart.</exception>
    public static FieldComparison Of(JsonMap before, JsonMap after, Schema schema)
    {
        var comparison = new FieldComparison();
        comparison.Compare(before, after, schema);
        return comparison;
    }

    /// <summary>The comparison without the given fields and all below them.</summary>
    public FieldComparison Without(FieldSet? ignored) => ignored is null ? this : new FieldComparison
    {
        Removed = Removed.RecursiveDifference(ignored),
        Modified = Modified.RecursiveDifference(ignored),
        Added = Added.RecursiveDifference(ignored),
    };

    private void Compare(object? before, object? after, Schema schema)
    {
        bool gone = ReferenceEquals(after, TypedValues.Absent), fresh = ReferenceEquals(before, TypedValues.Absent);
        Shape shape = TypedValues.ShapeOf(schema, gone ? before : after);
        if (!gone && !fresh && shape != TypedValues.ShapeOf(schema, before))
        {
            // A value without a schema that became something else: its old fields go, the new ones come.
            Compare(before, TypedValues.Absent, schema);
            Compare(TypedValues.Absent, after, schema);
            return;
        }

        bool leaf = shape == Shape.Leaf ||
            (shape == Shape.Map && TypedValues.IsEmptyMap(before) && TypedValues.IsEmptyMap(after)) ||
            (shape == Shape.List && TypedValues.IsEmptyList(before) && TypedValues.IsEmptyList(after));
        if (leaf)
        {
            if (fresh)
            {
                Added.Insert(_path);
            }
            else if (gone)
            {
                Removed.Insert(_path);
            }
            else if (!JsonValue.DeepEquals(before, after))
            {
                Modified.Insert(_path);
            }

            return;
        }

        if (shape == Shape.Map)
        {
            Maps(before as JsonMap, after as JsonMap, schema);
        }
        else
        {
            Lists(before as JsonList, after as JsonList, schema);
        }

        if (fresh)
        {
            Added.Insert(_path);
        }
        else if (gone)
        {
            Removed.Insert(_path);
        }
    }

    private void Maps(JsonMap? before, JsonMap? after, Schema schema)
    {
        for (int i = 0; i < (before?.Count ?? 0); i++)
        {
            var (name, value) = before!.At(i);
            Member(name, value, after is not null && after.TryGetValue(name, out object? now) ? now : TypedValues.Absent, schema);
        }

        for (int i = 0; i < (after?.Count ?? 0); i++)
        {
            var (name, value) = after!.At(i);
            if (before is null || !before.ContainsKey(name))
            {
                Member(name, TypedValues.Absent, value, schema);
            }
        }
    }

    private void Member(string name, object? before, object? after, Schema schema)
    {
        (PathElement step, Schema inner, _) = TypedValues.Member(schema, name);
        Descend(step, before, after, inner);
    }

    private void Lists(JsonList? before, JsonList? after, Schema schema)
    {
        if (before is not { Count: > 0 } && after is [var single])
        {
            Descend(PathElement.ForItem(schema, single), TypedValues.Absent, single, TypedValues.Item(schema));
            return;
        }

        Dictionary<PathElement, List<object?>> old = Index(before, schema), now = Index(after, schema);
        foreach (PathElement element in old.Count == 0 ? now.Keys : old.Keys.Union(now.Keys))
        {
            List<object?> left = old.GetValueOrDefault(element) ?? [], right = now.GetValueOrDefault(element) ?? [];
            if (left.Count <= 1 && right.Count <= 1)
            {
                Descend(
                    element, left.Count == 0 ? TypedValues.Absent : left[0], right.Count == 0 ? TypedValues.Absent : right[0],
                    TypedValues.Item(schema));
            }
            else if (left.Count >= 2 && right.Count >= 2)
            {
                if (!JsonValue.DeepEquals(new JsonList(left), new JsonList(right)))
                {
                    Mark(Modified, element);
                }
            }
            else if (left.Count >= 2)
            {
                if (right.Count > 0)
                {
                    Descend(element, TypedValues.Absent, right[0], TypedValues.Item(schema));
                }

                Mark(Removed, element);
            }
            else
            {
                if (left.Count > 0)
                {
                    Descend(element, left[0], TypedValues.Absent, TypedValues.Item(schema));
                }

                Mark(Added, element);
            }
        }
    }

    private static Dictionary<PathElement, List<object?>> Index(JsonList? list, Schema schema)
    {
        var index = new Dictionary<PathElement, List<object?>>();
        foreach (object? item in list ?? [])
        {
            PathElement element = PathElement.ForItem(schema, item);
            if (!index.TryGetValue(element, out List<object?>? same))
            {
                index[element] = same = new List<object?>(1);
            }

            same.Add(item);
        }

        return index;
    }

    private void Descend(PathElement element, object? before, object? after, Schema schema)
    {
        _path.Add(element);
        Compare(before, after, schema);
        _path.RemoveAt(_path.Count - 1);
    }

    private void Mark(FieldSet set, PathElement element)
    {
        _path.Add(element);
        set.Insert(_path);
        _path.RemoveAt(_path.Count - 1);
    }
}
