using System.Collections.Concurrent;
using System.Security.Cryptography;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>/openapi/v2 and /openapi/v3: made when they are first asked for, kept as bytes until what is served changes.</summary>
public sealed class OpenApiEndpoint(ResourceRegistry registry, ApiFacts facts, DiscoveryEndpoint discovery) : IPathEndpoint
{
    // Clients ask for it with an @ in the name as well; a media type must not hold one, and Go's parser refuses an answer that does.
    private const string ProtobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly ConcurrentDictionary<string, Lazy<Document>> _documents = new(StringComparer.Ordinal);
    private WeakReference<TypeDescriptions>? _descriptions;

    /// <inheritdoc />
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        string path = request.Info.Path.TrimEnd('/');
        if (path == "/openapi/v2")
        {
            await ServeV2Async(request);
            return true;
        }

        if (path == "/openapi/v3")
        {
            var paths = new JsonMap();
            foreach ((string group, IReadOnlyList<string> versions) in discovery.Groups())
            {
                foreach (string version in versions)
                {
                    string key = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
                    paths.Append(key, new JsonMap { { "serverRelativeURL", $"/openapi/v3/{key}?hash={Version(group, version)}" } });
                }
            }

            await ObjectResponse.SendBytesAsync(request, 200, JsonWriting.ToBytes(new JsonMap { { "paths", paths } }), "application/json");
            return true;
        }

        if (!path.StartsWith("/openapi/v3/", StringComparison.Ordinal))
        {
            return false;
        }

        string[] parts = path["/openapi/v3/".Length..].Split('/');
        (string Group, string Version)? wanted = parts switch
        {
            ["api", var version] => ("", version),
            ["apis", var group, var version] => (group, version),
            _ => null,
        };
        if (wanted is not { } found || !registry.All.Any(d => d.Group == found.Group && d.Facts.Version == found.Version))
        {
            return false;
        }

        string hash = Version(found.Group, found.Version);
        Document document = _documents.GetOrAdd($"v3/{found.Group}/{found.Version}/{hash}", _ => new(() => new Document(JsonWriting.ToBytes(MakeV3(found.Group, found.Version))))).Value;
        await SendAsync(request, document, "application/json");
        return true;
    }

    private async Task ServeV2Async(ApiRequest request)
    {
        string hash = Version(null, null);
        Document document = _documents.GetOrAdd("v2/" + hash, _ => new(() => new Document(JsonWriting.ToBytes(MakeV2())))).Value;
        if (request.Http.Request.Headers.Accept.ToString().Contains("application/com.github.proto-openapi.spec.v2", StringComparison.Ordinal))
        {
            Document binary = _documents.GetOrAdd("v2pb/" + hash, _ => new(() => new Document(OpenApiProtobuf.Encode(JsonReading.ReadMap(document.Bytes))))).Value;
            await SendAsync(request, binary, ProtobufV2);
            return;
        }

        await SendAsync(request, document, "application/json");
    }

    private static async Task SendAsync(ApiRequest request, Document document, string contentType)
    {
        request.Http.Response.Headers.ETag = document.Tag;
        request.Http.Response.Headers.Vary = "Accept";
        if (request.Http.Request.Headers.IfNoneMatch.ToString().Contains(document.Tag, StringComparison.Ordinal))
        {
            request.Http.Response.StatusCode = 304;
            return;
        }

        await ObjectResponse.SendBytesAsync(request, 200, document.Bytes, contentType);
    }

    private JsonMap MakeV2()
    {
        var schemas = new OpenApiSchemas(v3: false, Descriptions());
        var builder = new OpenApiPaths(v3: false, schemas, facts);
        var paths = new JsonMap();
        foreach (ResourceDefinition definition in registry.All.Where(d => !d.Custom).OrderBy(d => d.KeyPrefix, StringComparer.Ordinal))
        {
            builder.Add(paths, definition);
        }

        return new JsonMap
        {
            { "swagger", "2.0" },
            { "info", Info() },
            { "paths", paths },
            { "definitions", schemas.Definitions() },
        };
    }

    private JsonMap MakeV3(string group, string version)
    {
        var schemas = new OpenApiSchemas(v3: true, Descriptions());
        var builder = new OpenApiPaths(v3: true, schemas, facts);
        var paths = new JsonMap();
        foreach (ResourceDefinition definition in registry.All.Where(d => d.Group == group && d.Facts.Version == version).OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            builder.Add(paths, definition);
        }

        return new JsonMap
        {
            { "openapi", "3.0.0" },
            { "info", Info() },
            { "paths", paths },
            { "components", new JsonMap { { "schemas", schemas.Definitions() } } },
        };
    }

    private static JsonMap Info() => new() { { "title", "Kubernetes" }, { "version", VersionEndpoint.GitVersion } };

    /// <summary>What changes when what is served changes.</summary>
    private string Version(string? group, string? version)
    {
        string served = string.Join('\n', registry.All
            .Where(d => group is null || (d.Group == group && d.Facts.Version == version))
            .Select(d => $"{d.Group}/{d.Facts.Version}/{d.Name}/{d.Schema.GetHashCode()}").Order(StringComparer.Ordinal));
        return Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(served)));
    }

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

    private sealed class Document(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public string Tag { get; } = $"\"{Convert.ToHexString(SHA512.HashData(bytes))}\"";
    }
}
