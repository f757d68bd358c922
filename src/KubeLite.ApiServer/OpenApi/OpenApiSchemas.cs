using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>Turns facts into the schemas of OpenAPI v2 and v3.</summary>
/// <param name="v3">True for v3, whose references point elsewhere and stand in an allOf beside other keywords.</param>
/// <param name="descriptions">What is said of types and fields.</param>
/// <param name="served">The versions of groups that the document is about.</param>
internal sealed class OpenApiSchemas(bool v3, TypeDescriptions descriptions, IReadOnlyList<(string Group, string Version)> served)
{
    /// <summary>Types that every version of a group has as a kind of its own.</summary>
    private static readonly string[] s_everywhere =
        ["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent"];

    private readonly Queue<Schema> _pending = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonMap> _custom = new(StringComparer.Ordinal);

    /// <summary>Where schemas of types are referred to.</summary>
    public string ReferencePrefix => v3 ? "#/components/schemas/" : "#/definitions/";

    /// <summary>A reference to a type, which is then among those that <see cref="Definitions"/> gives.</summary>
    public JsonMap Reference(Schema type)
    {
        if (_seen.Add(type.TypeName!))
        {
            _pending.Enqueue(type);
        }

        return new JsonMap { { "$ref", ReferencePrefix + type.TypeName } };
    }

    /// <summary>A reference to a custom kind, or to its list.</summary>
    public JsonMap Reference(ResourceDefinition custom, bool list)
    {
        string name = list ? CustomOpenApi.ListNameOf(custom) : CustomOpenApi.NameOf(custom);
        if (_seen.Add(name))
        {
            var builder = new CustomOpenApi(v3, type => Reference(ApiFacts.Newest.Type(type)), DescribeCommon);
            _custom[name] = list ? builder.List(custom, Reference(custom, list: false)) : builder.Object(custom);
        }

        return new JsonMap { { "$ref", ReferencePrefix + name } };
    }

    /// <summary>The schemas of all types that were referred to, and of those that they refer to.</summary>
    public JsonMap Definitions()
    {
        var all = new SortedDictionary<string, JsonMap>(_custom, StringComparer.Ordinal);
        while (_pending.TryDequeue(out Schema? type))
        {
            all[type.TypeName!] = Definition(type);
        }

        var definitions = new JsonMap(all.Count);
        foreach (var (name, definition) in all)
        {
            definitions.Append(name, definition);
        }

        return definitions;
    }

    /// <summary>A kind in the form of the extension that names it.</summary>
    public static JsonMap Kind(GroupVersionKind kind) =>
        new() { { "group", kind.Group }, { "kind", kind.Kind }, { "version", kind.Version } };

    /// <summary>What is said of the fields that every object has.</summary>
    private string? DescribeCommon(string field) => descriptions.OfField(ApiFacts.Newest.Type("io.k8s.api.core.v1.ConfigMap"), field);

    private JsonMap Definition(Schema type)
    {
        var json = new JsonMap();
        if (descriptions.OfType(type) is { } text)
        {
            json.Append("description", text);
        }

        switch (type.Kind)
        {
            case ValueKind.Quantity when v3:
                json.Append("oneOf", new JsonList { new JsonMap { { "type", "string" } }, new JsonMap { { "type", "number" } } });
                return json;
            case ValueKind.IntOrString when v3:
                json.Append("format", "int-or-string");
                json.Append("oneOf", new JsonList { new JsonMap { { "type", "integer" } }, new JsonMap { { "type", "string" } } });
                return json;
            case ValueKind.Quantity or ValueKind.Duration:
                json.Append("type", "string");
                return json;
            case ValueKind.IntOrString:
                json.Append("type", "string");
                json.Append("format", "int-or-string");
                return json;
            case ValueKind.Time or ValueKind.MicroTime:
                json.Append("type", "string");
                json.Append("format", "date-time");
                return json;
            case ValueKind.RawExtension or ValueKind.FieldsV1:
                json.Append("type", "object");
                return json;
            case ValueKind.Any:
                return json;
        }

        json.Append("type", "object");
        if (type.Required.Count > 0)
        {
            json.Append("required", new JsonList(type.Required));
        }

        if (type.Fields.Count > 0)
        {
            var properties = new JsonMap(type.Fields.Count);
            foreach (SchemaField field in type.Fields.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                properties.Append(field.Name, Property(type, field));
            }

            json.Append("properties", properties);
        }

        IEnumerable<GroupVersionKind> kinds = s_everywhere.Contains(type.TypeName)
            ? served.Select(s => new GroupVersionKind(s.Group, s.Version, type.TypeName![(type.TypeName!.LastIndexOf('.') + 1)..]))
            : type.Kinds;
        if (kinds.Any())
        {
            json.Append("x-kubernetes-group-version-kind", new JsonList(kinds.Select(k => (object?)Kind(k))));
        }

        if (type.AtomicMap)
        {
            json.Append("x-kubernetes-map-type", "atomic");
        }

        if (type.Unions is not null)
        {
            json.Append("x-kubernetes-unions", JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(type.Unions)));
        }

        return json;
    }

    private JsonMap Property(Schema type, SchemaField field)
    {
        JsonMap json = Value(field.Schema);
        string? text = descriptions.OfField(type, field.Name);
        object? fallback = field.SchemaDefault is null ? null : JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(field.SchemaDefault));
        bool referring = json.ContainsKey("$ref");
        if (referring && v3 && (text is not null || field.SchemaDefault is not null))
        {
            json = new JsonMap { { "allOf", new JsonList { json } } };
        }

        if (text is not null)
        {
            json["description"] = text;
        }

        if (field.SchemaDefault is not null && v3)
        {
            json["default"] = fallback;
        }

        if (field.Schema is { Kind: ValueKind.List, ListType: ListType.Map })
        {
            json["x-kubernetes-list-map-keys"] = new JsonList(field.Schema.ListKeys);
        }

        if (field.StatedListType is not null)
        {
            json["x-kubernetes-list-type"] = field.StatedListType;
        }

        if (field.StatedMapType is not null)
        {
            json["x-kubernetes-map-type"] = field.StatedMapType;
        }

        if (field.PatchMergeKey is not null)
        {
            json["x-kubernetes-patch-merge-key"] = field.PatchMergeKey;
        }

        string?[] strategies =
        [
            field.PatchMerges ? "merge" : null,
            field.PatchRetainsKeys ? "retainKeys" : null,
            field.PatchReplaces ? "replace" : null,
        ];
        string strategy = string.Join(",", strategies.OfType<string>());
        if (strategy.Length > 0)
        {
            json["x-kubernetes-patch-strategy"] = strategy;
        }

        return json;
    }

    private JsonMap Value(Schema schema) => schema.TypeName is not null ? Reference(schema) : schema.Kind switch
    {
        ValueKind.String => new JsonMap { { "type", "string" } },
        ValueKind.Int32 => new JsonMap { { "type", "integer" }, { "format", "int32" } },
        ValueKind.Int64 => new JsonMap { { "type", "integer" }, { "format", "int64" } },
        ValueKind.Boolean => new JsonMap { { "type", "boolean" } },
        ValueKind.Double => new JsonMap { { "type", "number" }, { "format", "double" } },
        ValueKind.Bytes => new JsonMap { { "type", "string" }, { "format", "byte" } },
        ValueKind.List => new JsonMap { { "type", "array" }, { "items", Value(schema.Element!) } },
        ValueKind.Map => new JsonMap { { "type", "object" }, { "additionalProperties", Value(schema.Element!) } },
        _ => new JsonMap { { "type", "object" } },
    };
}
