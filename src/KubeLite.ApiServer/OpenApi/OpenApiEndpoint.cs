using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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

    // One of each: what was made before something changed is of no more use.
    private readonly ConcurrentDictionary<string, (string Hash, Lazy<Document> Document)> _documents = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<JsonMap, string> _customHashes = [];
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

        await ServeV3Async(request, found.Group, found.Version);
        return true;
    }

    private async Task ServeV3Async(ApiRequest request, string group, string version)
    {
        string hash = Version(group, version);
        if (request.Query("hash") is { Length: > 0 } asked)
        {
            if (asked != hash)
            {
                // The address that was given out is of a document that has changed since.
                request.Http.Response.StatusCode = 301;
                request.Http.Response.Headers.Location = $"{request.Info.Path}?hash={hash}";
                return;
            }

            // Whoever names the hash may keep the answer for ever: for Kubernetes that is a year.
            request.Http.Response.Headers.Expires = request.Now.AddYears(1).ToString("R");
        }

        await SendAsync(request, Get($"v3/{group}/{version}", hash, () => JsonWriting.ToBytes(MakeV3(group, version))), "application/json", request.Query("hash") is { Length: > 0 });
    }

    private async Task ServeV2Async(ApiRequest request)
    {
        string hash = Version(null, null);
        if (request.Http.Request.Headers.Accept.ToString().Contains("application/com.github.proto-openapi.spec.v2", StringComparison.Ordinal))
        {
            await SendAsync(request, Get("v2pb", hash, () => OpenApiProtobuf.Encode(MakeV2())), ProtobufV2);
            return;
        }

        await SendAsync(request, Get("v2", hash, () => JsonWriting.ToBytes(MakeV2())), "application/json");
    }

    /// <summary>A document, made once while the hash of what it tells stays the same.</summary>
    private Document Get(string key, string hash, Func<byte[]> make) => _documents.AddOrUpdate(
        key,
        _ => (hash, new(() => new Document(make()))),
        (_, held) => held.Hash == hash ? held : (hash, new(() => new Document(make())))).Document.Value;

    private static async Task SendAsync(ApiRequest request, Document document, string contentType, bool immutable = false)
    {
        request.Http.Response.Headers.ETag = document.Tag;
        request.Http.Response.Headers.Vary = "Accept";
        if (request.Http.Request.Headers.IfNoneMatch.ToString().Contains(document.Tag, StringComparison.Ordinal))
        {
            request.Http.Response.StatusCode = 304;
            return;
        }

        await ObjectResponse.SendBytesAsync(request, 200, document.Bytes, contentType, immutable ? "public, immutable" : null);
    }

    private JsonMap MakeV2()
    {
        var schemas = new OpenApiSchemas(v3: false, Descriptions());
        var builder = new OpenApiPaths(v3: false, schemas, facts);
        var paths = new JsonMap();
        foreach (ResourceDefinition definition in registry.All.OrderBy(d => d.KeyPrefix, StringComparer.Ordinal))
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
            .Select(d => $"{d.Group}/{d.Facts.Version}/{d.Name}/{d.Kind.Kind}/{d.ListKind}/{d.Namespaced}/{string.Join(',', d.Subresources.Keys)}/{string.Join(',', d.Strategy.SelectableFields)}/{(d.OpenApiSchema is null ? "" : _customHashes.GetValue(d.OpenApiSchema, HashOf))}").Order(StringComparer.Ordinal));
        return Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(served)));
    }

    private static string HashOf(JsonMap schema) => Convert.ToHexString(SHA256.HashData(JsonWriting.ToBytes(schema)));

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
