using System.Text.Json.Nodes;

namespace KubeLite.Golden;

/// <summary>A recorded conversation: its steps in order.</summary>
/// <param name="Id">Its name: <c>area/…</c>.</param>
/// <param name="Namespaced">True where it gets a namespace of its own.</param>
/// <param name="Steps">The requests and what Kubernetes answered.</param>
public sealed record GoldenCase(string Id, bool Namespaced, IReadOnlyList<JsonObject> Steps)
{
    /// <summary>Reads a line of a file of conversations.</summary>
    public static GoldenCase Parse(string line)
    {
        JsonObject json = JsonNode.Parse(line)!.AsObject();
        return new GoldenCase(
            json["id"]!.GetValue<string>(),
            json["ns"]?.GetValue<bool>() ?? false,
            [.. json["steps"]!.AsArray().Select(s => s!.AsObject())]);
    }
}
