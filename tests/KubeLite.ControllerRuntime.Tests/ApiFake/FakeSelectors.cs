using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>Label and field selectors of queries.</summary>
internal static partial class FakeSelectors
{
    internal static Func<JsonObject, bool> Parse(string? labels, string? fields)
    {
        var tests = new List<Func<JsonObject, bool>>();
        foreach (var part in Split(labels))
        {
            tests.Add(Label(part));
        }
        foreach (var part in Split(fields))
        {
            tests.Add(Field(part));
        }
        return item => tests.TrueForAll(t => t(item));
    }

    private static Func<JsonObject, bool> Label(string part)
    {
        if (Set().Match(part) is { Success: true } set)
        {
            var values = set.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries);
            return item => values.Contains(Value(item, set.Groups[1].Value)) == (set.Groups[2].Value == "in");
        }
        if (part.Contains('='))
        {
            var negated = part.Contains("!=");
            var pair = part.Split(negated ? "!=" : part.Contains("==") ? "==" : "=", 2);
            return item => (Value(item, pair[0].Trim()) == pair[1].Trim()) != negated;
        }
        return part.StartsWith('!') ? item => Value(item, part[1..]) is null : item => Value(item, part) is not null;
    }

    private static Func<JsonObject, bool> Field(string part)
    {
        var negated = part.Contains("!=");
        var pair = part.Split(negated ? "!=" : "=", 2);
        return item =>
        {
            JsonNode? node = item;
            foreach (var step in pair[0].Trim().Split('.'))
            {
                node = node?[step];
            }
            return ((node?.ToString() ?? "") == pair[1].TrimStart('=')) != negated;
        };
    }

    private static string? Value(JsonObject item, string key) => (string?)item["metadata"]?["labels"]?[key];

    private static IEnumerable<string> Split(string? selector) =>
        string.IsNullOrEmpty(selector) ? [] : Comma().Split(selector).Select(p => p.Trim()).Where(p => p.Length > 0);

    [GeneratedRegex(@",(?![^(]*\))")]
    private static partial Regex Comma();

    [GeneratedRegex(@"^(\S+) (in|notin) \((.*)\)$")]
    private static partial Regex Set();
}
