using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Protobuf;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// OpenAPI v3 documents in protobuf (gnostic's <c>openapi.v3.Document</c>). Each message is a table of the members that stand
/// in documents of Kubernetes, in the order of their numbers.
/// </summary>
public static class OpenApiV3Protobuf
{
    private static readonly Member[] s_info = [new(1, "title", Text), new(2, "description", Text), new(6, "version", Text)];

    private static readonly Member[] s_externalDocs = [new(1, "description", Text), new(2, "url", Text)];

    private static readonly Member[] s_mediaType = [new(1, "schema", SchemaOrReference)];

    private static readonly Member[] s_parameter =
    [
        new(1, "name", Text), new(2, "in", Text), new(3, "description", Text), new(4, "required", Flag), new(5, "deprecated", Flag),
        new(10, "schema", SchemaOrReference),
    ];

    private static readonly Member[] s_requestBody = [new(1, "description", Text), new(2, "content", MediaTypes), new(3, "required", Flag)];

    private static readonly Member[] s_response = [new(1, "description", Text), new(3, "content", MediaTypes)];

    private static readonly Member[] s_operation =
    [
        new(1, "tags", Texts), new(2, "summary", Text), new(3, "description", Text), new(5, "operationId", Text),
        new(6, "parameters", Parameters),
        new(7, "requestBody", (w, field, value) => w.Message(field, either => Message(either, 1, value, s_requestBody, 4))),
        new(8, "responses", Responses), new(10, "deprecated", Flag),
    ];

    private static readonly Member[] s_pathItem =
    [
        new(4, "get", Operation), new(5, "put", Operation), new(6, "post", Operation), new(7, "delete", Operation),
        new(8, "options", Operation),
        new(9, "head", Operation), new(10, "patch", Operation), new(11, "trace", Operation), new(13, "parameters", Parameters),
    ];

    private static readonly Member[] s_schema =
    [
        new(1, "nullable", Flag), new(3, "readOnly", Flag), new(4, "writeOnly", Flag),
        new(6, "externalDocs", (w, field, value) => Message(w, field, value, s_externalDocs, 3)),
        new(7, "example", Any), new(8, "deprecated", Flag), new(9, "title", Text), new(10, "multipleOf", Number),
        new(11, "maximum", Number),
        new(12, "exclusiveMaximum", Flag), new(13, "minimum", Number), new(14, "exclusiveMinimum", Flag), new(15, "maxLength", Integer),
        new(16, "minLength", Integer), new(17, "pattern", Text), new(18, "maxItems", Integer), new(19, "minItems", Integer),
        new(20, "uniqueItems", Flag),
        new(21, "maxProperties", Integer), new(22, "minProperties", Integer), new(23, "required", Texts), new(24, "enum", Anys),
        new(25, "type", Text),
        new(26, "allOf", Schemas), new(27, "oneOf", Schemas), new(28, "anyOf", Schemas), new(29, "not", Schema),
        new(30, "items", (w, field, value) => w.Message(field, items => SchemaOrReference(items, 1, value))),
        new(31, "properties", NamedSchemas), new(32, "additionalProperties", AdditionalProperties), new(33, "default", Default),
        new(34, "description", Text), new(35, "format", Text),
    ];

    private static readonly Member[] s_securityScheme =
        [new(1, "type", Text), new(2, "description", Text), new(3, "name", Text), new(4, "in", Text)];

    private static readonly Member[] s_document =
    [
        new(1, "openapi", Text),
        new(2, "info", (w, field, value) => Message(w, field, value, s_info, 7)),
        new(4, "paths",
            (w, field, value) => w.Message(
                field, paths => Named(paths, 1, value, (named, item) => Message(named, 2, item, s_pathItem, 14)))),
        new(5, "components", (w, field, value) => w.Message(field, components =>
        {
            if ((value as JsonMap)?.Map("schemas") is { } schemas)
            {
                NamedSchemas(components, 1, schemas);
            }

            if ((value as JsonMap)?.Map("securitySchemes") is { } security)
            {
                components.Message(
                    7, all => Named(
                        all, 1, security, (named, scheme) => named.Message(2, either => Message(either, 1, scheme, s_securityScheme, 9))));
            }
        })),
    ];

    /// <summary>Encodes a document.</summary>
    public static byte[] Encode(JsonMap document)
    {
        var writer = new WireWriter();
        Members(writer, document, s_document, 9);
        return writer.Written.ToArray();
    }

    /// <summary>A message's members and, as its last field, the members whose names begin with x-.</summary>
    private static void Members(WireWriter writer, JsonMap map, Member[] members, int extensions)
    {
        foreach (Member member in members)
        {
            if (map.TryGetValue(member.Name, out object? value))
            {
                member.Write(writer, member.Field, value);
            }
        }

        foreach (var (name, value) in map)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                writer.Message(extensions, named =>
                {
                    named.NonEmptyText(1, name);
                    Any(named, 2, value);
                });
            }
        }
    }

    private static void Message(WireWriter writer, int field, object? value, Member[] members, int extensions) =>
        writer.Message(field, inner => Members(inner, value as JsonMap ?? new JsonMap(), members, extensions));

    /// <summary>A map as gnostic has it: a message of name and value for each entry.</summary>
    private static void Named(WireWriter writer, int field, object? map, Action<WireWriter, object?> write)
    {
        foreach (var (name, value) in map as JsonMap ?? [])
        {
            writer.Message(field, named =>
            {
                named.NonEmptyText(1, name);
                write(named, value);
            });
        }
    }

    private static void Operation(WireWriter writer, int field, object? value) => Message(writer, field, value, s_operation, 13);

    private static void Parameters(WireWriter writer, int field, object? value)
    {
        foreach (JsonMap parameter in (value as JsonList)?.Maps() ?? [])
        {
            writer.Message(field, either => Message(either, 1, parameter, s_parameter, 14));
        }
    }

    private static void Responses(WireWriter writer, int field, object? value) => writer.Message(field, responses =>
    {
        if (value is JsonMap codes)
        {
            if (codes.TryGetValue("default", out object? otherwise))
            {
                responses.Message(1, either => Message(either, 1, otherwise, s_response, 5));
            }

            var numbers = new JsonMap(codes.Count);
            foreach (var (code, response) in codes.Where(c => c.Key != "default"))
            {
                numbers.Append(code, response);
            }

            Named(responses, 2, numbers, (named, response) => named.Message(2, either => Message(either, 1, response, s_response, 5)));
        }
    });

    private static void MediaTypes(WireWriter writer, int field, object? value) =>
        writer.Message(field, types => Named(types, 1, value, (named, type) => Message(named, 2, type, s_mediaType, 5)));

    private static void NamedSchemas(WireWriter writer, int field, object? value) =>
        writer.Message(field, schemas => Named(schemas, 1, value, (named, schema) => SchemaOrReference(named, 2, schema)));

    private static void Schema(WireWriter writer, int field, object? value) => Message(writer, field, value, s_schema, 36);

    private static void SchemaOrReference(WireWriter writer, int field, object? value) => writer.Message(field, either =>
    {
        if ((value as JsonMap)?.String("$ref") is { } reference)
        {
            either.Message(2, r => r.NonEmptyText(1, reference));
            return;
        }

        Schema(either, 1, value);
    });

    private static void Schemas(WireWriter writer, int field, object? value)
    {
        foreach (object? schema in value as JsonList ?? [])
        {
            SchemaOrReference(writer, field, schema);
        }
    }

    private static void AdditionalProperties(WireWriter writer, int field, object? value) => writer.Message(field, either =>
    {
        if (value is bool flag)
        {
            // In a oneof a false is said, too.
            either.Integer(2, flag ? 1 : 0);
            return;
        }

        SchemaOrReference(either, 1, value);
    });

    /// <summary>Only scalars can be said; of anything else there remains that there is a default.</summary>
    private static void Default(WireWriter writer, int field, object? value) => writer.Message(field, either =>
    {
        switch (value)
        {
            case bool flag:
                either.Integer(2, flag ? 1 : 0);
                break;
            case string text:
                either.Text(3, text);
                break;
            case long or double or decimal:
                either.Double(1, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    });

    private static void Any(WireWriter writer, int field, object? value) =>
        writer.Message(field, any => any.NonEmptyText(2, YamlWriting.ToText(value)));

    private static void Anys(WireWriter writer, int field, object? value)
    {
        foreach (object? item in value as JsonList ?? [])
        {
            Any(writer, field, item);
        }
    }

    private static void Text(WireWriter writer, int field, object? value) => writer.NonEmptyText(field, value as string);

    private static void Texts(WireWriter writer, int field, object? value) => writer.Texts(field, value as JsonList);

    private static void Flag(WireWriter writer, int field, object? value) => writer.TrueFlag(field, value is true);

    private static void Integer(WireWriter writer, int field, object? value) => writer.NonZeroInteger(field, value as long? ?? 0);

    private static void Number(WireWriter writer, int field, object? value) => writer.NonZeroDouble(
        field, value is long or double or decimal ? Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) : 0);

    /// <summary>A member of a message: its number, its name in the document and how its value is written.</summary>
    private sealed record Member(int Field, string Name, Action<WireWriter, int, object?> Write);
}
