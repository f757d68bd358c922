using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The schemas of custom resources as OpenAPI publishes them: v3 as their definitions have them, v2 without what it or
/// kubectl can't express (KEP-2896 and apiextensions' rules for v2). Both with the fields that every object has.
/// </summary>
/// <param name="v3">True for v3.</param>
/// <param name="metadata">A reference to a type's schema, by the type's name.</param>
/// <param name="describe">What is said of a field that every object has: apiVersion, kind or metadata; null for nothing.</param>
public sealed class CustomOpenApi(bool v3, Func<string, JsonMap> metadata, Func<string, string?> describe)
{
    private const string Preserve = "x-kubernetes-preserve-unknown-fields";

    /// <summary>The name of a kind's schema: <c>com.example.stable.v1.CronTab</c> for stable.example.com/v1.</summary>
    public static string NameOf(ResourceDefinition definition) =>
        $"{string.Join('.', definition.Group.Split('.').Reverse())}.{definition.Kind.Version}.{definition.Kind.Kind}";

    /// <summary>The name of the schema of a kind's list.</summary>
    public static string ListNameOf(ResourceDefinition definition) =>
        $"{string.Join('.', definition.Group.Split('.').Reverse())}.{definition.Kind.Version}.{definition.ListKind}";

    /// <summary>The schema of a kind.</summary>
    public JsonMap Object(ResourceDefinition definition)
    {
        JsonMap declared = definition.OpenApiSchema ?? new JsonMap { { "type", "object" }, { Preserve, true } };
        JsonMap schema;
        if (!v3 && declared[Preserve] is true)
        {
            // kubectl takes a schema with some of the fields for one with all of them.
            schema = new JsonMap { { "type", "object" }, { Preserve, true } };
        }
        else
        {
            schema = v3 ? declared.DeepCopy() : ForV2(declared);
            AddCommon(schema, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        }

        AddEmbedded(schema);
        if (definition.Strategy.SelectableFields is { Count: > 0 } fields)
        {
            schema["x-kubernetes-selectable-fields"] = new JsonList(fields.Select(f => (object?)new JsonMap { { "fieldPath", f } }));
        }

        schema["x-kubernetes-group-version-kind"] = new JsonList { OpenApiSchemas.Kind(definition.Kind) };
        return schema;
    }

    /// <summary>The schema of a kind's list.</summary>
    /// <param name="definition">The kind.</param>
    /// <param name="item">A reference to the kind's own schema.</param>
    public JsonMap List(ResourceDefinition definition, JsonMap item)
    {
        var schema = new JsonMap
        {
            { "description", $"{definition.ListKind} is a list of {definition.Kind.Kind}" },
            { "type", "object" },
            { "required", new JsonList { "items" } },
            {
                "properties", new JsonMap
                {
                    { "items", new JsonMap
                    {
                        { "description", $"The objects of the list, in order of namespace and name." },
                        { "type", "array" },
                        { "items", item },
                    } },
                }
            },
        };
        AddCommon(schema, "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta");
        schema["x-kubernetes-group-version-kind"] =
            new JsonList { OpenApiSchemas.Kind(definition.Kind with { Kind = definition.ListKind }) };
        return schema;
    }

    private void AddCommon(JsonMap schema, string metadataType)
    {
        JsonMap properties = schema.MapAt("properties");
        foreach (string name in (string[])["apiVersion", "kind"])
        {
            properties[name] = Described(new JsonMap { { "type", "string" } }, describe(name));
        }

        JsonMap reference = metadata(metadataType);
        string? text = describe("metadata");
        properties["metadata"] = v3 && text is not null
            ? Described(new JsonMap { { "allOf", new JsonList { reference } } }, text)
            : Described(reference, text);
    }

    /// <summary>Objects within objects have the common fields as well.</summary>
    private void AddEmbedded(JsonMap schema)
    {
        foreach (JsonMap child in Children(schema))
        {
            if (child["x-kubernetes-embedded-resource"] is true)
            {
                AddCommon(child, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
            }

            AddEmbedded(child);
        }
    }

    private static IEnumerable<JsonMap> Children(JsonMap schema)
    {
        foreach (var (_, value) in schema.Map("properties") ?? [])
        {
            if (value is JsonMap property && !property.ContainsKey("$ref") && !property.ContainsKey("allOf"))
            {
                yield return property;
            }
        }

        if (schema.Map("items") is { } items)
        {
            yield return items;
        }

        if (schema.Map("additionalProperties") is { } additional)
        {
            yield return additional;
        }
    }

    private static JsonMap ForV2(JsonMap schema)
    {
        bool nullable = schema["nullable"] is true, preserves = schema[Preserve] is true;
        var result = new JsonMap(schema.Count);
        foreach (var (name, value) in schema)
        {
            bool lost = name is "oneOf" or "anyOf" or "allOf" or "not" or "nullable" ||
                (nullable && name is "type") || ((nullable || preserves) && name is "items" or "properties");
            if (!lost)
            {
                result.Append(name, Nested(name, value, schema));
            }
        }

        return result;
    }

    private static object? Nested(string name, object? value, JsonMap schema)
    {
        switch (name)
        {
            case "properties" when value is JsonMap properties:
                var converted = new JsonMap(properties.Count);
                foreach (var (property, nested) in properties)
                {
                    converted.Append(property, nested is JsonMap map ? ForV2(map) : JsonValue.DeepCopy(nested));
                }

                return converted;
            case "items" or "additionalProperties" when value is JsonMap map:
                return ForV2(map);
            case "required" when value is JsonList required:
                // What may be null counts as absent where null can't be said.
                return new JsonList(
                    required.Where(r => r is not string field || schema.Map("properties")?.Map(field)?["nullable"] is not true));
            default:
                return JsonValue.DeepCopy(value);
        }
    }

    private static JsonMap Described(JsonMap schema, string? text)
    {
        if (text is not null)
        {
            schema["description"] = text;
        }

        return schema;
    }
}
