using System.Text.Json.Nodes;

namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>A request that real clients send, as the recorded conversations have it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query; <c>${ns}</c> stands for a namespace, <c>${id}</c> for a part of names.</param>
/// <param name="Type">The Content-Type; empty for none.</param>
/// <param name="Body">The body; null for none.</param>
public sealed record FuzzSeed(string Method, string Path, string Type, JsonNode? Body);

/// <summary>The requests that mutation begins with: those of all recorded conversations, every kind among them.</summary>
public static class FuzzSeeds
{
    /// <summary>Reads them, in an order that is always the same.</summary>
    public static IReadOnlyList<FuzzSeed> Load()
    {
        var seeds = new List<FuzzSeed>();
        foreach (string file in Directory.GetFiles(Folder(), "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file))
            {
                foreach (JsonNode? step in JsonNode.Parse(line)!["steps"]!.AsArray())
                {
                    seeds.Add(new FuzzSeed(
                        (string)step!["method"]!,
                        (string)step["path"]!,
                        (string?)step["headers"]?["Content-Type"] ?? (step["body"] is null ? "" : "application/json"),
                        step["body"]?.DeepClone()));
                }
            }
        }

        return seeds;
    }

    private static string Folder()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        return string.Join('/', parts[..(Array.LastIndexOf(parts, "tests") + 1)]) + "/golden";
    }
}
