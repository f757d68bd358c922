using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Protobuf;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI v2 document in protobuf (gnostic's <c>openapi.v2.Document</c>): what kubectl before 1.24 asks for. Only the
/// fields that the document uses are known here, by their numbers.
/// </summary>
public static class OpenApiV2Protobuf
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "options", "head", "patch"];

    private static readonly (string Name, int Field)[] s_numbers = [("multipleOf", 6), ("maximum", 7), ("minimum", 9)];

    private static readonly (string Name, int Field)[] s_flags =
        [("exclusiveMaximum", 8), ("exclusiveMinimum", 10), ("uniqueItems", 16), ("readOnly", 27)];

    private static readonly (string Name, int Field)[] s_counts =
        [("maxLength", 11), ("minLength", 12), ("maxItems", 14), ("minItems", 15), ("maxProperties", 17), ("minProperties", 18)];

    /// <summary>Encodes a document.</summary>
    public static byte[] Encode(JsonMap document)
    {
        var writer = new WireWriter();
        writer.NonEmptyText(1, document.String("swagger"));
        writer.Message(2, w =>
        {
            w.NonEmptyText(1, document.Map("info")?.String("title"));
            w.NonEmptyText(2, document.Map("info")?.String("version"));
        });
        writer.Message(8, w =>
        {
            foreach (var (path, item) in document.Map("paths") ?? [])
            {
                w.Message(2, named =>
                {
                    named.NonEmptyText(1, path);
                    named.Message(2, p => PathItem(p, (JsonMap)item!));
                });
            }
        });
        writer.Message(9, w => NamedSchemas(w, document.Map("definitions")));
        writer.Message(10, w => Named(w, document.Map("parameters"), Parameter));
        foreach (JsonMap requirement in document.List("security")?.Maps() ?? [])
        {
            writer.Message(12, w => Named(w, requirement, static (_, _) => { }));
        }

        writer.Message(13, w => Named(w, document.Map("securityDefinitions"), static (definition, json) => definition.Message(2, key =>
        {
            key.NonEmptyText(1, json.String("type"));
            key.NonEmptyText(2, json.String("name"));
            key.NonEmptyText(3, json.String("in"));
            key.NonEmptyText(4, json.String("description"));
        })));
        return writer.Written.ToArray();
    }

    private static void PathItem(WireWriter writer, JsonMap item)
    {
        for (int i = 0; i < s_methods.Length; i++)
        {
            if (item.Map(s_methods[i]) is { } operation)
            {
                writer.Message(2 + i, w => Operation(w, operation));
            }
        }

        Parameters(writer, 9, item.List("parameters"));
    }

    private static void Operation(WireWriter writer, JsonMap operation)
    {
        writer.Texts(1, operation.List("tags"));
        writer.NonEmptyText(3, operation.String("description"));
        writer.NonEmptyText(5, operation.String("operationId"));
        writer.Texts(6, operation.List("produces"));
        writer.Texts(7, operation.List("consumes"));
        Parameters(writer, 8, operation.List("parameters"));
        writer.Message(9, responses =>
        {
            foreach (var (code, value) in operation.Map("responses") ?? [])
            {
                responses.Message(1, named =>
                {
                    named.NonEmptyText(1, code);
                    named.Message(2, v => v.Message(1, response =>
                    {
                        response.NonEmptyText(1, ((JsonMap)value!).String("description"));
                        if (((JsonMap)value).Map("schema") is { } schema)
                        {
                            response.Message(2, item => item.Message(1, s => Schema(s, schema)));
                        }
                    }));
                });
            }
        });
        writer.Texts(10, operation.List("schemes"));
        Extensions(writer, 13, operation);
    }

    private static void Parameters(WireWriter writer, int field, JsonList? parameters)
    {
        foreach (JsonMap parameter in parameters?.Maps() ?? [])
        {
            writer.Message(field, item =>
            {
                if (parameter.String("$ref") is { } reference)
                {
                    item.Message(2, to => to.NonEmptyText(1, reference));
                }
                else
                {
                    item.Message(1, choice => Parameter(choice, parameter));
                }
            });
        }
    }

    private static void Parameter(WireWriter choice, JsonMap parameter)
    {
        if (parameter.String("in") == "body")
        {
            choice.Message(1, body =>
            {
                body.NonEmptyText(1, parameter.String("description"));
                body.NonEmptyText(2, parameter.String("name"));
                body.NonEmptyText(3, "body");
                body.TrueFlag(4, parameter.Flag("required"));
                body.Message(5, s => Schema(s, parameter.Map("schema") ?? new JsonMap()));
            });
            return;
        }

        bool path = parameter.String("in") == "path";
        choice.Message(2, other => other.Message(path ? 4 : 3, p =>
        {
            p.TrueFlag(1, parameter.Flag("required"));
            p.NonEmptyText(2, parameter.String("in"));
            p.NonEmptyText(3, parameter.String("description"));
            p.NonEmptyText(4, parameter.String("name"));
            p.NonEmptyText(path ? 5 : 6, parameter.String("type"));
            p.TrueFlag(path ? 19 : 20, parameter.Flag("uniqueItems"));
        }));
    }

    /// <summary>A table: field 1 again and again, each a name and a message.</summary>
    private static void Named(WireWriter writer, JsonMap? table, Action<WireWriter, JsonMap> write)
    {
        foreach (var (name, value) in table ?? [])
        {
            writer.Message(1, named =>
            {
                named.NonEmptyText(1, name);
                named.Message(2, message => write(message, value as JsonMap ?? []));
            });
        }
    }

    private static void NamedSchemas(WireWriter writer, JsonMap? schemas) => Named(writer, schemas, Schema);

    private static void Schema(WireWriter writer, JsonMap schema)
    {
        writer.NonEmptyText(1, schema.String("$ref"));
        writer.NonEmptyText(2, schema.String("format"));
        writer.NonEmptyText(3, schema.String("title"));
        writer.NonEmptyText(4, schema.String("description"));
        if (schema.TryGetValue("default", out object? fallback))
        {
            writer.Message(5, any => any.NonEmptyText(2, JsonWriting.ToText(fallback)));
        }

        foreach ((string name, int field) in s_numbers)
        {
            writer.NonZeroDouble(field, Convert.ToDouble(schema[name] ?? 0, CultureInfo.InvariantCulture));
        }

        foreach ((string name, int field) in s_flags)
        {
            writer.TrueFlag(field, schema.Flag(name));
        }

        foreach ((string name, int field) in s_counts)
        {
            writer.NonZeroInteger(field, schema.Integer(name) ?? 0);
        }

        writer.NonEmptyText(13, schema.String("pattern"));
        writer.Texts(19, schema.List("required"));
        foreach (object? value in schema.List("enum") ?? [])
        {
            writer.Message(20, any => any.NonEmptyText(2, YamlWriting.ToText(value)));
        }

        if (schema.Map("additionalProperties") is { } values)
        {
            writer.Message(21, item => item.Message(1, s => Schema(s, values)));
        }

        if (schema.String("type") is { } type)
        {
            writer.Message(22, t => t.NonEmptyText(1, type));
        }

        if (schema.Map("items") is { } items)
        {
            writer.Message(23, i => i.Message(1, s => Schema(s, items)));
        }

        if (schema.Map("properties") is { } properties)
        {
            writer.Message(25, p => NamedSchemas(p, properties));
        }

        Extensions(writer, 31, schema);
    }

    private static void Extensions(WireWriter writer, int field, JsonMap holder)
    {
        foreach (var (name, value) in holder)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                writer.Message(field, named =>
                {
                    named.NonEmptyText(1, name);
                    named.Message(2, any => any.NonEmptyText(2, YamlWriting.ToText(value)));
                });
            }
        }
    }
}
