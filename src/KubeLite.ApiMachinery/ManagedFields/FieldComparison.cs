using System.Runtime.InteropServices;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>Which fields a change removed, modified and added; no field is in two of the sets.</summary>
public sealed class FieldComparison
{
    private readonly List<PathElement> _path;

    private FieldComparison(List<PathElement> path, FieldSet removed, FieldSet modified, FieldSet added)
    {
        _path = path;
        Removed = removed;
        Modified = modified;
        Added = added;
    }

    /// <summary>Fields that only the old object has.</summary>
    public FieldSet Removed { get; }

    /// <summary>Fields of both whose values differ.</summary>
    public FieldSet Modified { get; }

    /// <summary>Fields that only the new object has.</summary>
    public FieldSet Added { get; }

    /// <summary>Compares two objects.</summary>
    /// <exception cref="ManagedFieldsException">A list's items can't be told apart.</exception>
    public static FieldComparison Of(JsonMap before, JsonMap after, Schema schema)
    {
        var comparison = new FieldComparison([], new(), new(), new());
        comparison.Compare(before, after, schema);
        return comparison;
    }

    /// <summary>The comparison without the given fields and all below them.</summary>
    public FieldComparison Without(FieldSet? ignored) => ignored is null ? this : new FieldComparison(
        _path, Removed.RecursiveDifference(ignored), Modified.RecursiveDifference(ignored), Added.RecursiveDifference(ignored));

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

        Dictionary<PathElement, Alike> old = Index(before, schema), now = Index(after, schema);
        foreach (var (element, left) in old)
        {
            Items(element, left, now.GetValueOrDefault(element), schema);
        }

        foreach (var (element, right) in now)
        {
            if (!old.ContainsKey(element))
            {
                Items(element, default, right, schema);
            }
        }
    }

    /// <summary>Compares the items of a list that one step leads to.</summary>
    private void Items(PathElement element, Alike left, Alike right, Schema schema)
    {
        if (left.Count <= 1 && right.Count <= 1)
        {
            Descend(
                element, left.Count == 0 ? TypedValues.Absent : left.First, right.Count == 0 ? TypedValues.Absent : right.First,
                TypedValues.Item(schema));
        }
        else if (left.Count >= 2 && right.Count >= 2)
        {
            if (!JsonValue.DeepEquals(left.All, right.All))
            {
                Mark(Modified, element);
            }
        }
        else if (left.Count >= 2)
        {
            if (right.Count > 0)
            {
                Descend(element, TypedValues.Absent, right.First, TypedValues.Item(schema));
            }

            Mark(Removed, element);
        }
        else
        {
            if (left.Count > 0)
            {
                Descend(element, left.First, TypedValues.Absent, TypedValues.Item(schema));
            }

            Mark(Added, element);
        }
    }

    private static Dictionary<PathElement, Alike> Index(JsonList? list, Schema schema)
    {
        var index = new Dictionary<PathElement, Alike>(list?.Count ?? 0);
        foreach (object? item in list ?? [])
        {
            ref Alike items = ref CollectionsMarshal.GetValueRefOrAddDefault(index, PathElement.ForItem(schema, item), out bool known);
            items = known ? items.And(item) : new Alike(item, null);
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

    /// <summary>The items that can't be told apart, mostly a single one.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="All">All where they are several; else null.</param>
    private readonly record struct Alike(object? First, JsonList? All)
    {
        private readonly bool _any = true;

        public int Count => All?.Count ?? (_any ? 1 : 0);

        public Alike And(object? item)
        {
            JsonList all = All ?? [First];
            all.Add(item);
            return this with { All = all };
        }
    }
}
