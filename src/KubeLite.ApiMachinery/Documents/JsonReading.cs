using System.Text;
using System.Text.Json;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Reads JSON text into documents.</summary>
public static class JsonReading
{
    /// <summary>The deepest nesting that is accepted, as in Kubernetes' decoder.</summary>
    public const int MaxDepth = 10000;

    /// <summary>
    /// Reads one JSON value. Of a member that stands twice the last wins; its path is added to
    /// <paramref name="duplicates"/> (<c>data.a</c>, <c>spec.ports[0].name</c>).
    /// </summary>
    /// <exception cref="JsonSyntaxException">The text is no JSON; the message is that of Go's decoder.</exception>
    public static object? Read(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            throw new JsonSyntaxException("invalid character 'ï' looking for beginning of value");
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read())
            {
                throw new JsonSyntaxException("unexpected end of JSON input");
            }

            object? value = ReadValue(ref reader, duplicates, duplicates is null ? null : new StringBuilder());
            if (reader.Read())
            {
                throw new JsonSyntaxException("invalid character after top-level value");
            }

            return value;
        }
        catch (JsonException)
        {
            throw new JsonSyntaxException(GoJsonSyntax.Describe(utf8));
        }
        catch (InvalidOperationException)
        {
            throw new JsonSyntaxException("invalid character in string literal");
        }
    }

    /// <summary>Reads text that is known to be a JSON object, such as the store's values.</summary>
    public static JsonMap ReadMap(ReadOnlySpan<byte> utf8) =>
        Read(utf8) as JsonMap ?? throw new JsonSyntaxException("not an object");

    private static object? ReadValue(ref Utf8JsonReader reader, List<string>? duplicates, StringBuilder? path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JsonMap();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string key = NamePool.Get(ref reader);
                    int mark = path?.Length ?? 0;
                    if (path is not null)
                    {
                        if (mark > 0)
                        {
                            path.Append('.');
                        }

                        path.Append(key);
                        if (map.ContainsKey(key))
                        {
                            duplicates!.Add(path.ToString());
                        }
                    }

                    reader.Read();
                    map[key] = ReadValue(ref reader, duplicates, path);
                    if (path is not null)
                    {
                        path.Length = mark;
                    }
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new JsonList();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    int mark = path?.Length ?? 0;
                    path?.Append('[').Append(list.Count).Append(']');
                    list.Add(ReadValue(ref reader, duplicates, path));
                    if (path is not null)
                    {
                        path.Length = mark;
                    }
                }

                return list;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long n) ? (object)n : reader.GetDouble();
            case JsonTokenType.True:
                return Boxed.True;
            case JsonTokenType.False:
                return Boxed.False;
            default:
                return null;
        }
    }

    private static class Boxed
    {
        public static readonly object True = true;
        public static readonly object False = false;
    }
}
