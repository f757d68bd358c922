using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLite.Golden;

/// <summary>Replaces in an answer what differs from run to run by what the recording has in its place.</summary>
/// <param name="back">Values of this run with their names, in the order they came.</param>
public sealed partial class GoldenNormalizer(IReadOnlyList<(string Value, string Name)> back)
{
    private static readonly Dictionary<string, string> s_volatile = new(StringComparer.Ordinal)
    {
        ["uid"] = "<uid>",
        ["continue"] = "<continue>",
        ["clusterIP"] = "<ip>",
        ["nodePort"] = "<port>",
        ["healthCheckNodePort"] = "<port>",
        ["pod-template-hash"] = "<hash>",
        ["controller-revision-hash"] = "<hash>",
        ["currentRevision"] = "<hash>",
        ["updateRevision"] = "<hash>",
        ["token"] = "<token>",
        ["caBundle"] = "<ca>",
        ["storageVersionHash"] = "<hash>",
    };

    /// <summary>The answer in the recording's terms.</summary>
    public JsonNode? Apply(JsonNode? node, string? key = null)
    {
        switch (node)
        {
            case JsonObject map:
                return Object(map);
            case JsonArray list:
                return Array(list, key);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(Text(value.GetValue<string>(), key));
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && key is "nodePort" or "healthCheckNodePort":
                return node.ToJsonString() == "0" ? node.DeepClone() : JsonValue.Create("<port>");
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>A text in the recording's terms.</summary>
    public string Substitute(string text)
    {
        foreach ((string value, string name) in back)
        {
            if (value.Length > 0)
            {
                text = text.Replace(value, "${" + name + "}", StringComparison.Ordinal);
            }
        }

        text = Uid().Replace(text, "<uid>");
        text = Time().Replace(text, "<time>");
        text = Revision().Replace(text, "$1<rv>");
        text = Hash().Replace(text, "x-<hash>");
        text = HashAndName().Replace(text, "x-<hash>-<gen>");
        text = Generated().Replace(text, "x-<gen>");
        return TokenVolume().Replace(text, "kube-api-access-<gen>");
    }

    private JsonObject Object(JsonObject map)
    {
        string? prefix = map["generateName"] is JsonValue g && g.GetValueKind() == JsonValueKind.String ? g.GetValue<string>() : null;
        var result = new JsonObject();
        foreach ((string name, JsonNode? value) in map)
        {
            JsonNode? member = value;
            if (name == "name" && prefix is { Length: > 0 } && value is JsonValue text && text.GetValueKind() == JsonValueKind.String &&
                text.GetValue<string>().StartsWith(prefix, StringComparison.Ordinal))
            {
                member = JsonValue.Create(prefix + "<gen>");
            }

            result[Substitute(name)] = Apply(member, name);
        }

        return result;
    }

    private JsonArray Array(JsonArray list, string? key)
    {
        if (key == "clusterIPs")
        {
            return new JsonArray([.. list.Select(i => (JsonNode?)JsonValue.Create(i?.GetValue<string>() == "None" ? "None" : "<ip>"))]);
        }

        IEnumerable<JsonNode?> items = list.Select(
            i => i is JsonObject map && key == "columnDefinitions" ? Object(WithoutDescription(map)) : Apply(i, key));
        if (key == "managedFields")
        {
            items = items.OrderBy(Sorted, StringComparer.Ordinal);
        }

        return new JsonArray([.. items]);
    }

    private static JsonObject WithoutDescription(JsonObject column)
    {
        JsonObject copy = column.DeepClone().AsObject();
        copy.Remove("description");
        return copy;
    }

    private string Text(string text, string? key)
    {
        if (key == "cells")
        {
            text = Address().Replace(Seconds().Replace(text, "<age>"), "<ip>");
        }

        if (key == "resourceVersion")
        {
            return text is "" or "0" ? text : "<rv>";
        }

        return key is not null && s_volatile.TryGetValue(key, out string? stands) && text is not ("" or "None") ? stands : Substitute(text);
    }

    /// <summary>A value's text with the members in order of their names, in the form in which the recorder sorts.</summary>
    public static string Sorted(JsonNode? node) => node switch
    {
        JsonObject map => "{"
            + string.Join(
                ", ",
                map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{JsonValue.Create(m.Key).ToJsonString()}: {Sorted(m.Value)}"))
                    + "}",
        JsonArray list => "[" + string.Join(", ", list.Select(Sorted)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Uid();

    [GeneratedRegex(@"(in record \(|, current: |resourceVersion\\*"":\\*"")\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Revision();

    [GeneratedRegex(@"\bx-[bcdfghjklmnpqrstvwxz2456789]{6,10}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();

    [GeneratedRegex(@"\bx-<hash>-[bcdfghjklmnpqrstvwxz2456789]{5}\b", RegexOptions.CultureInvariant)]
    private static partial Regex HashAndName();

    [GeneratedRegex(@"\bx-[bcdfghjklmnpqrstvwxz2456789]{5}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Generated();

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}", RegexOptions.CultureInvariant)]
    private static partial Regex TokenVolume();

    [GeneratedRegex(@"^\d+s$", RegexOptions.CultureInvariant)]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^10\.0\.0\.\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
