using System.Text;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI v2 document in protobuf (gnostic's <c>openapi.v2.Document</c>): what kubectl before 1.24 asks for. Only the
/// fields that the document uses are known here, by their numbers.
/// </summary>
public static class OpenApiProtobuf
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "options", "head", "patch"];

    /// <summary>Encodes a document.</summary>
    public static byte[] Encode(JsonMap document)
    {
        var writer = new Writer();
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

    private static void PathItem(Writer writer, JsonMap item)
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

    private static void Operation(Writer writer, JsonMap operation)
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

    private static void Parameters(Writer writer, int field, JsonList? parameters)
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

    private static void NamedSchemas(Writer writer, JsonMap? schemas)
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

    private static void Schema(Writer writer, JsonMap schema)
    {
        writer.Text(1, schema.String("$ref"));
        writer.Text(2, schema.String("format"));
        writer.Text(4, schema.String("description"));
        if (schema.TryGetValue("default", out object? value))
        {
            writer.Message(5, any => any.Text(2, JsonWriting.ToText(value)));
        }

        writer.Texts(19, schema.List("required"));
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

    private static void Extensions(Writer writer, int field, JsonMap holder)
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

    /// <summary>Writes the wire format: tags, lengths, bytes.</summary>
    private sealed class Writer
    {
        private readonly MemoryStream _bytes = new();

        public byte[] ToArray() => _bytes.ToArray();

        public void Text(int field, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                Bytes(field, Encoding.UTF8.GetBytes(text));
            }
        }

        public void Texts(int field, JsonList? texts)
        {
            foreach (string text in texts?.Strings() ?? [])
            {
                Bytes(field, Encoding.UTF8.GetBytes(text));
            }
        }

        public void Flag(int field, bool flag)
        {
            if (flag)
            {
                Varint((ulong)field << 3);
                Varint(1);
            }
        }

        public void Message(int field, Action<Writer> write)
        {
            var inner = new Writer();
            write(inner);
            Bytes(field, inner._bytes.GetBuffer().AsSpan(0, (int)inner._bytes.Length));
        }

        private void Bytes(int field, ReadOnlySpan<byte> bytes)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.Write(bytes);
        }

        private void Varint(ulong value)
        {
            while (value >= 0x80)
            {
                _bytes.WriteByte((byte)(value | 0x80));
                value >>= 7;
            }

            _bytes.WriteByte((byte)value);
        }
    }
}
