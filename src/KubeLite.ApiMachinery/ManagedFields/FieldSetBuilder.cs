using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>The set of all fields of an object: what an applied configuration owns.</summary>
public static class FieldSetBuilder
{
    /// <summary>Lists every field of a value.</summary>
    /// <exception cref="ManagedFieldsException">A list's items can't be told apart.</exception>
    public static FieldSet Of(JsonMap value, Schema schema)
    {
        var set = new FieldSet();
        Walk(value, schema, [], set);
        return set;
    }

    private static void Walk(object? value, Schema schema, List<PathElement> path, FieldSet set)
    {
        switch (TypedValues.ShapeOf(schema, value))
        {
            case Shape.Leaf:
                set.Insert(path);
                break;
            case Shape.Map when value is JsonMap map:
                for (int i = 0; i < map.Count; i++)
                {
                    var (name, member) = map.At(i);
                    (PathElement step, Schema inner, bool declared) = TypedValues.Member(schema, name);
                    path.Add(step);
                    Walk(member, inner, path, set);
                    if (member is null or JsonMap { Count: 0 } || !declared)
                    {
                        set.Insert(path);
                    }

                    path.RemoveAt(path.Count - 1);
                }

                break;
            case Shape.List when value is JsonList list:
                var counts = new Dictionary<PathElement, int>();
                foreach (object? item in list)
                {
                    PathElement element = PathElement.ForItem(schema, item);
                    counts[element] = counts.GetValueOrDefault(element) + 1;
                }

                foreach (object? item in list)
                {
                    PathElement element = PathElement.ForItem(schema, item);
                    path.Add(element);
                    // Of an item that stands twice only the place in the list can be owned.
                    if (counts[element] == 1)
                    {
                        Walk(item, TypedValues.Item(schema), path, set);
                    }

                    set.Insert(path);
                    path.RemoveAt(path.Count - 1);
                }

                break;
        }
    }
}
