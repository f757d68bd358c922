using System.Globalization;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI v2 document in protobuf (gnostic's <c>openapi.v2.Document</c>): what kubectl before 1.24 asks for. Only the
/// fields that the document uses are known here, by their numbers.
/// </summary>
public static class OpenApiV2Protobuf
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "options", "head", "patch"];

    private static readonly (string Name, int Field)[] s_numbers = [("multipleOf", 6), ("maximum", 7), ("minimum", 9)];

    private static readonly (string Name, int Field)[] s_flags = [("exclusiveMaximum", 8), ("exclusiveMinimum", 10), ("uniqueItems", 16), ("readOnly", 27)];

    private static readonly (string Name, int Field)[] s_counts =
        [("maxLength", 11), ("minLength", 12), ("maxItems", 14), ("minItems", 15), ("maxProperties", 17), ("minProperties", 18)];

    /// <summary>Encodes a document.</summary>
    public static byte[] Encode(JsonMap document)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, document.String("swagger"));
        writer.Message(2, w =>
        {
            w.Text(1, document.Map("info")?.String("title"));
            w.Text(2, document.Map("info")?.String("version"));
        });
        writer.Message(8, w =>
        {
            foreach (var (path, item) in document.Map("paths") ?? [])
            {
                w.Message(2, named =>
                {
                    named.Text(1, path);
                    named.Message(2, p => PathItem(p, (JsonMap)item!));
                });
            }
        });
        writer.Message(9, w => NamedSchemas(w, document.Map("definitions")));
        return writer.ToArray();
    }

    private static void PathItem(ProtobufWriter writer, JsonMap item)
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

    private static void Operation(ProtobufWriter writer, JsonMap operation)
    {
        writer.Texts(1, operation.List("tags"));
        writer.Text(3, operation.String("description"));
        writer.Text(5, operation.String("operationId"));
        writer.Texts(6, operation.List("produces"));
        writer.Texts(7, operation.List("consumes"));
        Parameters(writer, 8, operation.List("parameters"));
        writer.Message(9, responses =>
        {
            foreach (var (code, value) in operation.Map("responses") ?? [])
            {
                responses.Message(1, named =>
                {
                    named.Text(1, code);
                    named.Message(2, v => v.Message(1, response =>
                    {
                        response.Text(1, ((JsonMap)value!).String("description"));
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

    private static void Parameters(ProtobufWriter writer, int field, JsonList? parameters)
    {
        foreach (JsonMap parameter in parameters?.Maps() ?? [])
        {
            writer.Message(field, item => item.Message(1, choice =>
            {
                if (parameter.String("in") == "body")
                {
                    choice.Message(1, body =>
                    {
                        body.Text(1, parameter.String("description"));
                        body.Text(2, parameter.String("name"));
                        body.Text(3, "body");
                        body.Flag(4, parameter.Flag("required"));
                        body.Message(5, s => Schema(s, parameter.Map("schema") ?? new JsonMap()));
                    });
                    return;
                }

                bool path = parameter.String("in") == "path";
                choice.Message(2, other => other.Message(path ? 4 : 3, p =>
                {
                    p.Flag(1, parameter.Flag("required"));
                    p.Text(2, parameter.String("in"));
                    p.Text(3, parameter.String("description"));
                    p.Text(4, parameter.String("name"));
                    p.Text(path ? 5 : 6, parameter.String("type"));
                    p.Flag(path ? 19 : 20, parameter.Flag("uniqueItems"));
                }));
            }));
        }
    }

    private static void NamedSchemas(ProtobufWriter writer, JsonMap? schemas)
    {
        foreach (var (name, schema) in schemas ?? [])
        {
            writer.Message(1, named =>
            {
                named.Text(1, name);
                named.Message(2, s => Schema(s, (JsonMap)schema!));
            });
        }
    }

    private static void Schema(ProtobufWriter writer, JsonMap schema)
    {
        writer.Text(1, schema.String("$ref"));
        writer.Text(2, schema.String("format"));
        writer.Text(3, schema.String("title"));
        writer.Text(4, schema.String("description"));
        if (schema.TryGetValue("default", out object? fallback))
        {
            writer.Message(5, any => any.Text(2, JsonWriting.ToText(fallback)));
        }

        foreach ((string name, int field) in s_numbers)
        {
            writer.Number(field, Convert.ToDouble(schema[name] ?? 0, CultureInfo.InvariantCulture));
        }

        foreach ((string name, int field) in s_flags)
        {
            writer.Flag(field, schema.Flag(name));
        }

        foreach ((string name, int field) in s_counts)
        {
            writer.Integer(field, schema.Integer(name) ?? 0);
        }

        writer.Text(13, schema.String("pattern"));
        writer.Texts(19, schema.List("required"));
        foreach (object? value in schema.List("enum") ?? [])
        {
            writer.Message(20, any => any.Text(2, YamlWriting.ToText(value)));
        }

        if (schema.Map("additionalProperties") is { } values)
        {
            writer.Message(21, item => item.Message(1, s => Schema(s, values)));
        }

        if (schema.String("type") is { } type)
        {
            writer.Message(22, t => t.Text(1, type));
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

    private static void Extensions(ProtobufWriter writer, int field, JsonMap holder)
    {
        foreach (var (name, value) in holder)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                writer.Message(field, named =>
                {
                    named.Text(1, name);
                    named.Message(2, any => any.Text(2, YamlWriting.ToText(value)));
                });
            }
        }
    }
}
