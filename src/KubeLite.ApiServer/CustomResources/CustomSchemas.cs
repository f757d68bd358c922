using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// Turns the structural schema of a CustomResourceDefinition (its openAPIV3Schema) into the description over which all
/// generic code runs (KEP-2891's rules; apiextensions' <c>schema/convert.go</c> of v1.36).
/// </summary>
public static class CustomSchemas
{
    private static readonly Schema s_text = new(ValueKind.String);
    private static readonly Schema s_free = new(ValueKind.Object) { Custom = true, Nullable = true };
    private static readonly Lazy<Schema> s_metadata = new(
        () => Sorted(ApiFacts.Newest.Type("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), []));

    /// <summary>The description of metadata, its members in order of their names.</summary>
    public static Schema Metadata => s_metadata.Value;

    /// <summary>The description of a version's objects.</summary>
    /// <param name="schema">The openAPIV3Schema.</param>
    /// <param name="kind">What the objects are.</param>
    public static Schema OfRoot(JsonMap schema, GroupVersionKind kind)
    {
        string reversed = string.Join('.', kind.Group.Split('.').Reverse());
        return new Schema(ValueKind.Object)
        {
            Custom = true,
            TypeName = $"{reversed}.{kind.Version}.{kind.Kind}",
            Kinds = [kind],
            Fields = Fields(schema, withMetadata: true),
            PreserveUnknown = schema.Flag("x-kubernetes-preserve-unknown-fields"),
            Published = JsonWriting.ToText(schema),
        };
    }

    /// <summary>The description of a value below an object.</summary>
    public static Schema Of(JsonMap schema)
    {
        string type = schema.String("type") ?? "";
        bool preserve = schema.Flag("x-kubernetes-preserve-unknown-fields");
        bool embedded = schema.Flag("x-kubernetes-embedded-resource");
        bool nullable = schema.Flag("nullable");
        object? fallback = schema["default"];
        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            return new Schema(ValueKind.IntOrString) { Custom = true, Nullable = nullable, Default = fallback };
        }

        switch (type)
        {
            case "array":
                return new Schema(ValueKind.List)
                {
                    Custom = true,
                    Nullable = nullable,
                    Default = fallback,
                    PreserveUnknown = preserve,
                    Element = Of(schema.Map("items") ?? new JsonMap()),
                    ListType = schema.String("x-kubernetes-list-type") switch
                    {
                        "set" => ListType.Set,
                        "map" => ListType.Map,
                        _ => ListType.Atomic,
                    },
                    ListKeys = [.. schema.List("x-kubernetes-list-map-keys")?.Strings() ?? []],
                };
            case "string" or "integer" or "number" or "boolean":
                return new Schema(type switch
                {
                    "integer" => ValueKind.Int64,
                    "number" => ValueKind.Double,
                    "boolean" => ValueKind.Boolean,
                    _ => ValueKind.String,
                })
                {
                    Custom = true,
                    Nullable = nullable,
                    Default = fallback,
                };
        }

        bool atomic = schema.String("x-kubernetes-map-type") == "atomic";
        JsonMap? properties = schema.Map("properties");
        Schema? more = schema["additionalProperties"] switch { JsonMap element => Of(element), true => s_free, _ => null };
        return new Schema(!preserve && !embedded && properties is not { Count: > 0 } && more is not null ? ValueKind.Map : ValueKind.Object)
        {
            Custom = true,
            Nullable = nullable,
            Default = fallback,
            AtomicMap = atomic,
            PreserveUnknown = preserve,
            EmbeddedResource = embedded,
            Element = more,
            Fields = Fields(schema, embedded),
        };
    }

    private static List<SchemaField> Fields(JsonMap schema, bool withMetadata)
    {
        var fields = new SortedDictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Map("properties") ?? [])
        {
            if (property is JsonMap map)
            {
                fields[name] = Of(map);
            }
        }

        if (withMetadata)
        {
            fields["apiVersion"] = s_text;
            fields["kind"] = s_text;
            fields["metadata"] = Metadata;
        }

        return [.. fields.Select(f => new SchemaField(f.Key, f.Value))];
    }

    /// <summary>A built-in type as it is written where Go has no type for it: members in order of their names.</summary>
    private static Schema Sorted(Schema schema, Dictionary<Schema, Schema> known)
    {
        if (schema.IsScalar)
        {
            return schema;
        }

        if (known.TryGetValue(schema, out Schema? done))
        {
            return done;
        }

        var sorted = new Schema(schema.Kind)
        {
            TypeName = schema.TypeName,
            ProtobufName = schema.ProtobufName,
            Kinds = schema.Kinds,
            Required = schema.Required,
            Element = schema.Element is null ? null : Sorted(schema.Element, known),
            ListType = schema.ListType,
            ListKeys = schema.ListKeys,
            AtomicMap = schema.AtomicMap,
            PreserveUnknown = schema.PreserveUnknown,
        };
        known[schema] = sorted;
        sorted.Fields = [.. schema.Fields.OrderBy(f => f.Name, StringComparer.Ordinal).Select(
            f => f with { Schema = Sorted(f.Schema, known), Empty = f.Schema.Kind == ValueKind.Time ? EmptyRule.OmitZero : f.Empty })];
        return sorted;
    }
}
