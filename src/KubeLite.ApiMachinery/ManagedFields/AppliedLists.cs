using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>Checks that an applied configuration names each item of a list once.</summary>
public static class AppliedLists
{
    /// <summary>Throws where a list holds two items of the same key.</summary>
    /// <exception cref="ManagedFieldsException">With the path, in Kubernetes' words.</exception>
    public static void CheckUnique(JsonMap config, Schema schema) => Check(config, schema, "");

    private static void Check(object? value, Schema schema, string path)
    {
        switch (TypedValues.ShapeOf(schema, value))
        {
            case Shape.Map when value is JsonMap map:
                foreach (var (name, member) in map)
                {
                    Check(member, TypedValues.Member(schema, name).Schema, $"{path}.{name}");
                }

                break;
            case Shape.List when value is JsonList list:
                var seen = new HashSet<PathElement>();
                for (int i = 0; i < list.Count; i++)
                {
                    PathElement element;
                    try
                    {
                        element = PathElement.ForItem(schema, list[i]);
                    }
                    catch (ManagedFieldsException e)
                    {
                        throw new ManagedFieldsException($"{path}: element {i}: {e.Message}");
                    }

                    if (!seen.Add(element))
                    {
                        throw new ManagedFieldsException($"{path}: duplicate entries for key {element}");
                    }

                    Check(list[i], TypedValues.Item(schema), path + element);
                }

                break;
        }
    }
}
