using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLite.Cli.Client;

/// <summary>Between YAML, as people write and read it, and JSON, as the API speaks.</summary>
internal static class YamlText
{
    /// <summary>The documents of a text; empty ones are left out.</summary>
    /// <exception cref="CliException">The text is not YAML, or a document is not an object.</exception>
    public static List<JsonObject> Parse(string name, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new CliException($"error: {name}: {e.Message}");
        }

        var result = new List<JsonObject>();
        foreach (var document in stream.Documents)
        {
            switch (ToJson(document.RootNode))
            {
                case JsonObject found:
                    result.Add(found);
                    break;
                case null:
                    break;
                default:
                    throw new CliException($"error: {name}: a document is not an object");
            }
        }

        return result;
    }

    /// <summary>Writes JSON as YAML.</summary>
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node, 0, inList: false);
        return text.ToString();
    }

    private static JsonNode? ToJson(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    result[((YamlScalarNode)key).Value ?? ""] = ToJson(value);
                }

                return result;
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Children.Select(ToJson)]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                return null;
        }
    }

    /// <summary>Plain scalars have the type they look like (YAML 1.2 core schema); quoted ones are text.</summary>
    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            _ when LooksLikeNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) =>
                JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    private static bool LooksLikeNumber(string text) =>
        text.AsSpan().TrimStart("+-").Length > 0 && text.AsSpan().IndexOfAnyExcept("0123456789+-.eE") < 0
        && text.AsSpan().IndexOfAnyInRange('0', '9') >= 0;

    private static void Write(StringBuilder text, JsonNode? node, int indent, bool inList)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } mapping:
                var first = true;
                foreach (var (key, value) in mapping)
                {
                    text.Append(' ', first && inList ? 0 : indent).Append(Quoted(key)).Append(':');
                    first = false;
                    WriteValue(text, value, indent);
                }

                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list)
                {
                    text.Append(' ', indent).Append("- ");
                    if (item is JsonObject { Count: > 0 })
                    {
                        Write(text, item, indent + 2, inList: true);
                    }
                    else
                    {
                        text.Append(ScalarText(item)).Append('\n');
                    }
                }

                break;
            default:
                text.Append(' ', indent).Append(ScalarText(node)).Append('\n');
                break;
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 }:
                text.Append('\n');
                Write(text, value, indent + 2, inList: false);
                break;
            case JsonArray { Count: > 0 }:
                text.Append('\n');
                Write(text, value, indent, inList: false);
                break;
            case JsonValue scalar when scalar.TryGetValue<string>(out var lines) && lines.Contains('\n', StringComparison.Ordinal):
                text.Append(lines.EndsWith('\n') ? " |\n" : " |-\n");
                foreach (var line in lines.TrimEnd('\n').Split('\n'))
                {
                    text.Append(' ', line.Length == 0 ? 0 : indent + 2).Append(line).Append('\n');
                }

                break;
            default:
                text.Append(' ').Append(ScalarText(value)).Append('\n');
                break;
        }
    }

    private static string ScalarText(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value when value.TryGetValue<string>(out var text) => Quoted(text),
        _ => node.ToJsonString(),
    };

    private static string Quoted(string text)
    {
        var plain = text.Length > 0 && Scalar(new YamlScalarNode(text)) is JsonValue value && value.TryGetValue<string>(out _)
            && !"!&*-?|>%@`\"'#{}[],:= ".Contains(text[0], StringComparison.Ordinal)
            && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
            && !text.EndsWith(':') && !text.EndsWith(' ') && !text.AsSpan().ContainsAny("\n\t\\\"");
        return plain && !IsDate(text) ? text : JsonValue.Create(text)!.ToJsonString();
    }

    private static bool IsDate(string text) => text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-' && text[7] == '-';
}
