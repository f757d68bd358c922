using System.Text.Json.Nodes;

namespace KubeLite.Cli.Client;

/// <summary>Everything that the API server serves, by aggregated discovery.</summary>
internal sealed class ResourceTypes
{
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private readonly List<ResourceType> _types = [];

    /// <summary>Asks the server; the core group comes first, as kubectl prefers it.</summary>
    public static async Task<ResourceTypes> LoadAsync(CliClient client, CancellationToken cancellationToken)
    {
        var result = new ResourceTypes();
        result.Read(await client.GetAsync("/api", Aggregated, cancellationToken));
        result.Read(await client.GetAsync("/apis", Aggregated, cancellationToken));
        return result;
    }

    /// <summary>The resource that the user means.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public ResourceType Find(string name) =>
        _types.Find(type => type.IsCalled(name))
        ?? throw new CliException($"error: the server doesn't have a resource type \"{name}\"");

    /// <summary>The resources of a category such as <c>all</c>.</summary>
    public IReadOnlyList<ResourceType> OfCategory(string category) => _types.FindAll(type => type.Categories.Contains(category));

    /// <summary>The resource of a kind.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public ResourceType FindKind(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        var version = slash < 0 ? apiVersion : apiVersion[(slash + 1)..];
        var type = _types.Find(candidate => candidate.Group == group && candidate.Kind == kind)
            ?? throw new CliException($"error: no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        return type with { Version = version };
    }

    private void Read(JsonObject list)
    {
        foreach (var group in list["items"] as JsonArray ?? [])
        {
            var name = (string?)group!["metadata"]?["name"] ?? "";
            foreach (var version in group["versions"] as JsonArray ?? [])
            {
                foreach (var resource in version!["resources"] as JsonArray ?? [])
                {
                    Add(name, (string)version["version"]!, (JsonObject)resource!);
                }
            }
        }
    }

    private void Add(string group, string version, JsonObject resource)
    {
        var plural = (string)resource["resource"]!;
        if (_types.Exists(type => type.Group == group && type.Plural == plural))
        {
            // An older version of what is known already.
            return;
        }

        var kind = (string?)resource["responseKind"]?["kind"] ?? "";
        _types.Add(new ResourceType(
            group, version, plural,
            (string?)resource["singularResource"] is { Length: > 0 } singular ? singular : kind.ToLowerInvariant(),
            kind, (string?)resource["scope"] == "Namespaced", Strings(resource["shortNames"]), Strings(resource["categories"])));
    }

    private static List<string> Strings(JsonNode? node)
    {
        var result = new List<string>();
        foreach (var item in node as JsonArray ?? [])
        {
            result.Add((string)item!);
        }

        return result;
    }
}
