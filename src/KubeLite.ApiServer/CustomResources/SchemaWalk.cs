using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>Visits every schema that is in an openAPIV3Schema.</summary>
public static class SchemaWalk
{
    private static readonly string[] s_lists = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] s_maps = ["properties", "patternProperties", "definitions", "dependencies"];

    /// <summary>A schema and all below it.</summary>
    public static IEnumerable<JsonMap> All(JsonMap schema)
    {
        yield return schema;
        foreach (JsonMap inner in Children(schema).SelectMany(All))
        {
            yield return inner;
        }
    }

    /// <summary>True where a schema or one below it is as asked.</summary>
    public static bool Any(JsonMap schema, Func<JsonMap, bool> predicate) => All(schema).Any(predicate);

    private static IEnumerable<JsonMap> Children(JsonMap schema)
    {
        foreach (string name in (string[])["items", "not", "additionalProperties", "additionalItems"])
        {
            if (schema[name] is JsonMap one)
            {
                yield return one;
            }
            else if (schema[name] is JsonList several)
            {
                foreach (JsonMap item in several.Maps())
                {
                    yield return item;
                }
            }
        }

        foreach (JsonMap inner in s_lists.SelectMany(n => schema.List(n)?.Maps() ?? []))
        {
            yield return inner;
        }

        foreach (JsonMap inner in s_maps.SelectMany(n => (schema.Map(n) ?? []).Select(m => m.Value).OfType<JsonMap>()))
        {
            yield return inner;
        }
    }
}
