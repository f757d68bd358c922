using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLite.Golden;

/// <summary>Replays conversations and says how the answers differ from the recorded ones.</summary>
public sealed partial class GoldenReplay(GoldenClient client)
{
    private static readonly Dictionary<string, string> s_none = [];
    private static readonly string[] s_parts = ["status", "type", "reached", "warning", "body"];
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(10);

    /// <summary>Replays a case.</summary>
    /// <returns>The differences; none where it passed.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(GoldenCase golden)
    {
        var run = new Run(golden.Id);
        try
        {
            if (golden.Namespaced && await SetUpAsync(run) is { } fault)
            {
                return [fault];
            }

            var differences = new List<string>();
            for (int i = 0; i < golden.Steps.Count; i++)
            {
                JsonObject step = golden.Steps[i];
                bool goOn = step["each"] is not null
                    ? await EachAsync(run, i, step, differences)
                    : await StepAsync(run, i, step, differences);
                if (!goOn)
                {
                    break;
                }
            }

            return differences;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException
            or KeyNotFoundException)
        {
            return [$"{e.GetType().Name}: {e.Message}"];
        }
        finally
        {
            if (golden.Namespaced)
            {
                await client.SendAsync("DELETE", $"/api/v1/namespaces/{run["ns"]}", s_none, null);
            }
        }
    }

    private async Task<string?> SetUpAsync(Run run)
    {
        string ns = run["ns"];
        GoldenAnswer made = await client.SendAsync(
            "POST", "/api/v1/namespaces", s_none,
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"NS"}}""".Replace("NS", ns, StringComparison.Ordinal));
        if (made.Status != 201)
        {
            return $"setup: namespace: HTTP {made.Status}";
        }

        made = await client.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/serviceaccounts", s_none,
            """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
        return made.Status is 201 or 409 ? null : $"setup: service account: HTTP {made.Status}";
    }

    private async Task<bool> EachAsync(Run run, int index, JsonObject step, List<string> differences)
    {
        string list = step["each"]!.GetValue<string>();
        GoldenAnswer found = await client.SendAsync("GET", Quote(run.Fill(list)), s_none, null);
        var got = new JsonArray();
        IEnumerable<string> names = JsonNode.Parse(found.Text)?["items"]?.AsArray().Select(i => i!["metadata"]!["name"]!.GetValue<string>())
            ?? [];
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            run.Set("item", name);
            GoldenAnswer answer = await client.SendAsync(
                step["method"]!.GetValue<string>(), Quote(run.Fill(step["path"]!.GetValue<string>())), Headers(step, run), Body(step, run));
            got.Add(answer.Status);
        }

        var result = new JsonObject { ["each"] = got };
        if (!JsonNode.DeepEquals(result, step["expect"]))
        {
            differences.Add($"step {index} each {list}: want {step["expect"]!.ToJsonString()} got {result.ToJsonString()}");
        }

        return true;
    }

    private async Task<bool> StepAsync(Run run, int index, JsonObject step, List<string> differences)
    {
        string method = step["method"]!.GetValue<string>(), shown = step["path"]!.GetValue<string>();
        string path = run.Fill(shown);
        bool watch = path.Contains("watch=", StringComparison.Ordinal);
        JsonObject? until = step["until"]?.AsObject();
        JsonNode? wanted = until is null ? null : run.Fill(until["equals"]);
        DateTime deadline = DateTime.UtcNow.AddSeconds(until?["seconds"]?.GetValue<double>() ?? 30);
        JsonObject expect = step["expect"]!.AsObject();
        GoldenAnswer answer;
        JsonNode? body;
        JsonObject got;
        bool reached, settling = false;
        while (true)
        {
            answer = await client.SendAsync(method, Quote(path), Headers(step, run), Body(step, run));
            body = answer.Body(watch && answer.ContentType.Contains("json", StringComparison.Ordinal));
            reached = until is null || JsonNode.DeepEquals(Dig(body, until["path"]!.GetValue<string>()), wanted);
            got = Normalized(run, step, answer, body, until is null ? null : reached);
            if (until is null || (reached && IsAsExpected(expect, got)) || DateTime.UtcNow > deadline)
            {
                break;
            }

            if (reached && !settling)
            {
                // Controllers may pass through several states that have the awaited value; one of the next is the recorded one.
                settling = true;
                deadline = DateTime.UtcNow + s_settle;
            }

            await Task.Delay(100);
        }

        foreach ((string name, JsonNode? from) in step["save"]?.AsObject() ?? [])
        {
            run.Save(name, Dig(body, from!.GetValue<string>()));
        }

        foreach (string part in s_parts)
        {
            var found = new List<string>();
            ComparePart(expect, got, part, found);
            if (found.Count == 0)
            {
                continue;
            }

            differences.Add($"step {index} {method} {shown}");
            differences.AddRange(found.Take(12).Select(f => "    " + f));
            if (part == "status")
            {
                differences.Add("    answered: " + Short(got["body"], 300));
                return false;
            }
        }

        return true;
    }

    private JsonObject Normalized(Run run, JsonObject step, GoldenAnswer answer, JsonNode? body, bool? reached)
    {
        var got = new JsonObject { ["status"] = answer.Status, ["type"] = answer.MediaType };
        var normalizer = new GoldenNormalizer(run.Back);
        if (reached is { } there)
        {
            got["reached"] = there;
        }

        if (answer.Warning is not null)
        {
            got["warning"] = normalizer.Substitute(answer.Warning);
        }

        got["body"] = Reduce(normalizer.Apply(body?.DeepClone()), step);
        return got;
    }

    private static bool IsAsExpected(JsonObject expect, JsonObject got)
    {
        var found = new List<string>();
        foreach (string part in s_parts)
        {
            ComparePart(expect, got, part, found);
        }

        return found.Count == 0;
    }

    private static void ComparePart(JsonObject expect, JsonObject got, string part, List<string> found)
    {
        if (part != "body" || expect.ContainsKey("body"))
        {
            Compare(expect[part], got[part], part, found);
        }
    }

    private static Dictionary<string, string> Headers(JsonObject step, Run run)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, JsonNode? value) in step["headers"]?.AsObject() ?? [])
        {
            headers[name] = value!.GetValue<string>();
        }

        if (step["user"] is { } user)
        {
            headers["Impersonate-User"] = user.GetValue<string>();
            foreach (JsonNode? group in step["groups"]?.AsArray() ?? [])
            {
                headers["Impersonate-Group"] = group!.GetValue<string>();
            }
        }

        return headers;
    }

    private static string? Body(JsonObject step, Run run) => step["body"] switch
    {
        null => null,
        JsonValue text when text.GetValueKind() == JsonValueKind.String => run.Fill(text.GetValue<string>()),
        var node => Spaced(run.Fill(node)!),
    };

    /// <summary>JSON as the recorder sent it, with a space behind each comma and colon: some answers depend on it.</summary>
    private static string Spaced(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(", ", map.Select(m => JsonValue.Create(m.Key)!.ToJsonString() + ": " + Spaced(m.Value))) + "}",
        JsonArray list => "[" + string.Join(", ", list.Select(Spaced)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    private static JsonNode? Dig(JsonNode? node, string path)
    {
        foreach (string step in path.Split('.'))
        {
            if (step == "#")
            {
                return node is JsonArray counted ? JsonValue.Create(counted.Count) : null;
            }

            node = node switch
            {
                JsonArray list => int.TryParse(step, out int index) && index < list.Count && index >= -list.Count
                    ? list[index < 0 ? index + list.Count : index]
                    : null,
                JsonObject map => map[step],
                _ => null,
            };
        }

        return node;
    }

    private static JsonNode? Reduce(JsonNode? body, JsonObject step)
    {
        HashSet<string> drop = [.. step["drop"]?.AsArray().Select(d => d!.GetValue<string>()) ?? []];
        body = Without(body, drop);
        if (step["pick"] is JsonArray pick && body is JsonObject map)
        {
            JsonObject take(JsonNode? o)
            {
                var taken = new JsonObject();
                foreach (string path in pick.Select(p => p!.GetValue<string>()))
                {
                    if (Dig(o, path) is { } value)
                    {
                        taken[path] = value.DeepClone();
                    }
                }

                return taken;
            }

            body = map.ContainsKey("items")
                ? new JsonObject { ["items"] = new JsonArray([.. (map["items"] as JsonArray ?? []).Select(i => (JsonNode?)take(i))]) }
                : take(map);
        }

        if (step["sort"] is not null && body is JsonObject sorted && sorted["items"] is JsonArray items)
        {
            sorted["items"] = new JsonArray(
                [.. items.OrderBy(GoldenNormalizer.Sorted, StringComparer.Ordinal).Select(i => i?.DeepClone())]);
        }

        return body;
    }

    private static JsonNode? Without(JsonNode? node, HashSet<string> keys) => keys.Count == 0 ? node : node switch
    {
        JsonObject map => new JsonObject(
            map.Where(m => !keys.Contains(m.Key)).Select(m => KeyValuePair.Create(m.Key, Without(m.Value, keys)?.DeepClone()))),
        JsonArray list => new JsonArray([.. list.Select(i => Without(i, keys)?.DeepClone())]),
        _ => node,
    };

    private static void Compare(JsonNode? want, JsonNode? got, string path, List<string> found)
    {
        switch (want, got)
        {
            case (JsonObject a, JsonObject b):
                foreach (string key in a.Select(m => m.Key).Union(b.Select(m => m.Key)).Order(StringComparer.Ordinal))
                {
                    if (!b.ContainsKey(key))
                    {
                        found.Add($"{path}.{key}: missing, want {Short(a[key])}");
                    }
                    else if (!a.ContainsKey(key))
                    {
                        found.Add($"{path}.{key}: not expected, got {Short(b[key])}");
                    }
                    else
                    {
                        Compare(a[key], b[key], $"{path}.{key}", found);
                    }
                }

                break;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count)
                {
                    found.Add($"{path}: want {a.Count} items got {b.Count}: {Short(a)} / {Short(b)}");
                    break;
                }

                for (int i = 0; i < a.Count; i++)
                {
                    Compare(a[i], b[i], $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", found);
                }

                break;
            default:
                if (!JsonNode.DeepEquals(want, got))
                {
                    found.Add($"{path}: want {Short(want)} got {Short(got)}");
                }

                break;
        }
    }

    private static string Short(JsonNode? node, int length = 400)
    {
        string text = node?.ToJsonString() ?? "null";
        return text.Length < length ? text : text[..length] + "...";
    }

    /// <summary>Escapes what may not stand in a path or query as it is.</summary>
    private static string Quote(string path)
    {
        const string Safe = "/?&=%,:()!~*'+@.$-_";
        var text = new StringBuilder(path.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(path))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || Safe.Contains(c))
            {
                text.Append(c);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return text.ToString();
    }

    /// <summary>The names and values of one run of a case.</summary>
    private sealed partial class Run
    {
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

        public Run(string id)
        {
            string label = Unfit().Replace(id.ToLowerInvariant(), "-").Trim('-');
            label = (label.Length > 30 ? label[^30..] : label).Trim('-');
            string suffix = Guid.NewGuid().ToString("N")[..6];
            _values["id"] = $"{label}-{suffix}";
            _values["ns"] = $"g-{label}-{suffix}";
            Back.Add((_values["ns"], "ns"));
            Back.Add((_values["id"], "id"));
        }

        public List<(string Value, string Name)> Back { get; } = [];

        public string this[string name] => _values[name];

        public void Set(string name, string value) => _values[name] = value;

        public void Save(string name, JsonNode? value)
        {
            bool text = value is JsonValue v && v.GetValueKind() == JsonValueKind.String;
            string saved = value is null ? "" : text ? value.GetValue<string>() : value.ToJsonString();
            _values[name] = saved;
            if (text && saved.Length > 4 && name != "rv" && !saved.All(char.IsAsciiDigit))
            {
                Back.Add((saved, name));
            }
        }

        public string Fill(string text) => Placeholder().Replace(text, m => _values.GetValueOrDefault(m.Groups[1].Value, m.Value));

        public JsonNode? Fill(JsonNode? node) => node switch
        {
            JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(Fill(m.Key), Fill(m.Value)))),
            JsonArray list => new JsonArray([.. list.Select(Fill)]),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Fill(value.GetValue<string>())),
            _ => node?.DeepClone(),
        };

        [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
        private static partial Regex Unfit();

        [GeneratedRegex(@"\$\{(\w+)\}", RegexOptions.CultureInvariant)]
        private static partial Regex Placeholder();
    }
}
