using System.Text.Json.Nodes;

namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>Changes JSON documents at random places, by a random source that decides everything.</summary>
public sealed class JsonMutator(Random random)
{
    private static readonly string[] s_texts =
    [
        "", " ", "x", "a/b", "../..", "UPPER", "-", "a.b.c", "1", "0", "-1", "1Gi", "1e400", "NaN", "true", "null", "2006-01-02T15:04:05Z",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1970-01-01", "10.0.0.1", "::1", "10.0.0.0/8", "999.0.0.1", "0.0.0.0/33",
        "\0", "\u00e9", "\u4e16\u754c",
        "\ud83d\ude00", "%s%n", "${x}", "$(X)", "{{.}}", "'; --", "<a>", "a=b", "!a", "a in (b,c)", "*", "**", "[", "(", "(?P<", "\\",
        "self.x", "100%", "-5%", "5%%", "10m", "-10m",
        "999999999999999999999999999999", "0x10", "1_000", "\u0000\u0001", "http://", "https://x/", "k8s.io/x", "a..b", ".", "..", "None",
        "Always", "ClusterIP", "kubernetes.io/tls",
    ];

    /// <summary>A copy with one to four changes.</summary>
    public JsonNode? Mutate(JsonNode? document)
    {
        JsonNode? copy = document?.DeepClone();
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            copy = Change(copy);
        }

        return copy;
    }

    /// <summary>A value of any type, more often an awkward one than not.</summary>
    public JsonNode? Value(int depth = 0) => random.Next(depth > 3 ? 9 : 13) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-2, 100),
        3 => random.Next(2) == 0 ? long.MaxValue : long.MinValue,
        4 => JsonNode.Parse(random.Next(4) switch { 0 => "1.5", 1 => "1e3", 2 => "18446744073709551616", _ => "-0" }),
        5 => int.MaxValue + (long)random.Next(3),
        6 => new string('x', random.Next(300)),
        7 or 8 => s_texts[random.Next(s_texts.Length)],
        9 => new JsonArray(),
        10 => new JsonObject(),
        11 => new JsonArray(Value(depth + 1), Value(depth + 1)),
        _ => new JsonObject { [Text()] = Value(depth + 1) },
    };

    /// <summary>One of the awkward texts.</summary>
    public string Text() => s_texts[random.Next(s_texts.Length)];

    private JsonNode? Change(JsonNode? document)
    {
        var places = new List<JsonNode>();
        Collect(document, places);
        if (places.Count == 0 || random.Next(60) == 0)
        {
            return Value();
        }

        switch (places[random.Next(places.Count)])
        {
            case JsonObject map:
                ChangeMap(map, places);
                break;
            case JsonArray list:
                ChangeList(list, places);
                break;
        }

        return document;
    }

    private void ChangeMap(JsonObject map, List<JsonNode> places)
    {
        string[] keys = [.. map.Select(p => p.Key)];
        string? key = keys.Length > 0 ? keys[random.Next(keys.Length)] : null;
        switch (random.Next(6))
        {
            case 0 when key is not null:
                map.Remove(key);
                break;
            case 1 when key is not null:
                JsonNode? moved = map[key]?.DeepClone();
                map.Remove(key);
                map[random.Next(2) == 0 ? Text() : key.ToUpperInvariant()] = moved;
                break;
            case 2:
                map[Text()] = Value();
                break;
            case 3 when key is not null:
                map[key] = places[random.Next(places.Count)].DeepClone();
                break;
            default:
                map[key ?? Text()] = Value();
                break;
        }
    }

    private void ChangeList(JsonArray list, List<JsonNode> places)
    {
        int at = list.Count == 0 ? -1 : random.Next(list.Count);
        switch (random.Next(5))
        {
            case 0 when at >= 0:
                list.RemoveAt(at);
                break;
            case 1 when at >= 0:
                list.Add(list[at]?.DeepClone());
                break;
            case 2 when at >= 0:
                list[at] = Value();
                break;
            case 3:
                list.Add(places[random.Next(places.Count)].DeepClone());
                break;
            default:
                list.Add(Value());
                break;
        }
    }

    private static void Collect(JsonNode? node, List<JsonNode> places)
    {
        if (node is JsonObject map)
        {
            places.Add(map);
            foreach (var (_, value) in map)
            {
                Collect(value, places);
            }
        }
        else if (node is JsonArray list)
        {
            places.Add(list);
            foreach (JsonNode? item in list)
            {
                Collect(item, places);
            }
        }
    }
}
