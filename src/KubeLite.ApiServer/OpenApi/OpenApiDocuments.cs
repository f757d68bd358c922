using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// Makes the documents of OpenAPI: the one of v2, and those of v3, one for each version of a group, for each built-in group, and
/// for each part of discovery. Each has a hash that changes when what it tells does.
/// </summary>
internal sealed class OpenApiDocuments(ResourceRegistry registry, ApiFacts facts)
{
    // Two builds may tell the same kinds differently.
    private static readonly string s_build = typeof(OpenApiDocuments).Module.ModuleVersionId.ToString();

    private readonly ConditionalWeakTable<JsonMap, string> _customHashes = [];
    private WeakReference<TypeDescriptions>? _descriptions;

    /// <summary>The documents of v3 by their address below <c>/openapi/v3/</c>: <c>apis/apps/v1</c>.</summary>
    public SortedSet<string> Keys() => new(
        [.. DiscoveryPaths.Documents, .. registry.All.Select(KeyOf), .. BuiltInGroups().Select(g => "apis/" + g)], StringComparer.Ordinal);

    /// <summary>What changes when what is served changes, or how it is told.</summary>
    /// <param name="key">A document of v3; null for that of v2.</param>
    public string Hash(string? key)
    {
        IEnumerable<string> told = registry.All.Where(d => key is null || KeyOf(d) == key).Select(Told).Order(StringComparer.Ordinal);
        return Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes($"{s_build}\n{key}\n{string.Join('\n', told)}")));
    }

    /// <summary>Makes the document of v2.</summary>
    public JsonMap MakeV2()
    {
        TypeDescriptions descriptions = Descriptions();
        var schemas = new OpenApiSchemas(v3: false, descriptions, BuiltInVersions());
        var discovery = new DiscoveryPaths(v3: false, schemas, facts, descriptions);
        var paths = new JsonMap();
        foreach (string document in DiscoveryPaths.Documents)
        {
            discovery.AddDocument(paths, document);
        }

        foreach (string group in BuiltInGroups())
        {
            discovery.AddGroup(paths, group);
        }

        foreach (IGrouping<string, ResourceDefinition> version in registry.All.GroupBy(KeyOf).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            AddVersion(paths, version, discovery, new OpenApiPaths(v3: false, schemas, new OpenApiParameters(descriptions), facts));
        }

        JsonMap parameters = OpenApiSharedParameters.Extract(paths);
        return new JsonMap
        {
            { "swagger", "2.0" },
            { "info", Info() },
            { "paths", Sorted(paths) },
            { "definitions", schemas.Definitions() },
            { "parameters", parameters },
            { "securityDefinitions", Security() },
            { "security", new JsonList { new JsonMap { { "BearerToken", new JsonList() } } } },
        };
    }

    /// <summary>Makes a document of v3.</summary>
    /// <param name="key">Which: one of <see cref="Keys"/>.</param>
    public JsonMap MakeV3(string key)
    {
        TypeDescriptions descriptions = Descriptions();
        // A document is about the core group besides its own, and a custom group's about none.
        bool custom = registry.All.Any(d => d.Custom && KeyOf(d) == key);
        var schemas = new OpenApiSchemas(
            v3: true, descriptions,
            custom ? [] : [.. BuiltInVersions().Where(v => v.Group.Length == 0 || KeyOf(v.Group, v.Version) == key)]);
        var discovery = new DiscoveryPaths(v3: true, schemas, facts, descriptions);
        var paths = new JsonMap();
        ResourceDefinition[] version = [.. registry.All.Where(d => KeyOf(d) == key)];
        if (version.Length > 0)
        {
            AddVersion(paths, version, discovery, new OpenApiPaths(v3: true, schemas, new OpenApiParameters(descriptions), facts));
        }
        else if (DiscoveryPaths.Documents.Contains(key))
        {
            discovery.AddDocument(paths, key);
        }
        else
        {
            discovery.AddGroup(paths, key["apis/".Length..]);
        }

        var components = new JsonMap();
        JsonMap definitions = schemas.Definitions();
        if (definitions.Count > 0)
        {
            components.Append("schemas", definitions);
        }

        components.Append("securitySchemes", Security());
        return new JsonMap { { "openapi", "3.0.0" }, { "info", Info() }, { "paths", Sorted(paths) }, { "components", components } };
    }

    private static void AddVersion(JsonMap paths, IEnumerable<ResourceDefinition> version, DiscoveryPaths discovery, OpenApiPaths resources)
    {
        ResourceDefinition[] all = [.. version.OrderBy(d => d.Name, StringComparer.Ordinal)];
        if (!all[0].Custom)
        {
            discovery.AddVersion(paths, all[0].Group, all[0].Facts.Version);
        }

        foreach (ResourceDefinition definition in all)
        {
            resources.Add(paths, definition);
        }
    }

    private static string KeyOf(ResourceDefinition definition) => KeyOf(definition.Group, definition.Facts.Version);

    private static string KeyOf(string group, string version) => OpenApiNames.RootOf(group, version)[1..];

    private IReadOnlyList<(string Group, string Version)> BuiltInVersions() =>
        [.. registry.All.Where(d => !d.Custom).Select(d => (d.Group, d.Facts.Version)).Distinct().Order()];

    private IEnumerable<string> BuiltInGroups() => BuiltInVersions().Select(v => v.Group).Where(g => g.Length > 0).Distinct();

    private string Told(ResourceDefinition d)
    {
        string schema = d.OpenApiSchema is null ? "" : _customHashes.GetValue(d.OpenApiSchema, HashOf);
        return $"{d.Group}/{d.Facts.Version}/{d.Name}/{d.Kind.Kind}/{d.ListKind}/{d.Namespaced}/{string.Join(',', d.Subresources.Keys)}/" +
            $"{string.Join(',', d.Strategy.SelectableFields)}/{schema}";
    }

    private static string HashOf(JsonMap schema) => Convert.ToHexString(SHA256.HashData(JsonWriting.ToBytes(schema)));

    private static JsonMap Sorted(JsonMap paths)
    {
        var sorted = new JsonMap(paths.Count);
        foreach (var (path, item) in paths.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            sorted.Append(path, item);
        }

        return sorted;
    }

    private static JsonMap Info() => new() { { "title", "Kubernetes" }, { "version", VersionEndpoint.GitVersion } };

    private static JsonMap Security() => new()
    {
        {
            "BearerToken", new JsonMap
            {
                { "description", "Bearer Token authentication" }, { "type", "apiKey" }, { "name", "authorization" }, { "in", "header" },
            }
        },
    };

    private TypeDescriptions Descriptions()
    {
        if (_descriptions is not null && _descriptions.TryGetTarget(out TypeDescriptions? held))
        {
            return held;
        }

        var loaded = TypeDescriptions.Load();
        _descriptions = new WeakReference<TypeDescriptions>(loaded);
        return loaded;
    }
}
