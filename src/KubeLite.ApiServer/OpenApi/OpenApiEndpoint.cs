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
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>/openapi/v2 and /openapi/v3: made when they are first asked for, kept as bytes until what is served changes.</summary>
public sealed class OpenApiEndpoint(ResourceRegistry registry, ApiFacts facts, DiscoveryEndpoint discovery) : IPathEndpoint
{
    // Two builds may tell the same kinds differently.
    private static readonly string s_build = typeof(OpenApiEndpoint).Module.ModuleVersionId.ToString();

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
            // The aggregator names no type, so that Go's library guesses one from the text.
            await ObjectResponse.SendBytesAsync(request, 200, JsonWriting.ToBytes(Directory()), "text/plain; charset=utf-8");
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
        if (wanted is not { } found || !IsServed(found.Group, found.Version))
        {
            request.Http.Response.StatusCode = StatusCodes.Status404NotFound;
            return true;
        }

        await ServeV3Async(request, found.Group, found.Version);
        return true;
    }

    private JsonMap Directory()
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

        return new JsonMap { { "paths", paths } };
    }

    private bool IsServed(string group, string version) => registry.All.Any(d => d.Group == group && d.Facts.Version == version);

    private Task ServeV3Async(ApiRequest request, string group, string version)
    {
        OpenApiMediaType? type = OpenApiMediaType.Choose(request, 3);
        if (type is null)
        {
            return NotAcceptableAsync(request);
        }

        string hash = Version(group, version);
        HttpResponse response = request.Http.Response;
        if (request.Query("hash") is { Length: > 0 } asked && asked != hash)
        {
            // The address that was given out is of a document that has changed since.
            ObjectResponse.Begin(request, StatusCodes.Status301MovedPermanently, type.Served);
            response.Headers.Vary = "Accept";
            response.Headers.ETag = $"\"{hash}\"";
            response.Headers.Location = $"{request.Info.Path.TrimEnd('/')}?hash={hash}";
            return Task.CompletedTask;
        }

        string? keep = null;
        if (request.Query("hash") is { Length: > 0 })
        {
            // Whoever names the hash may keep the answer for ever: for Kubernetes that is a year.
            response.Headers.Expires = request.Now.AddYears(1).ToString("R");
            keep = "public, immutable";
        }

        return SendAsync(request, $"v3/{group}/{version}", hash, () => MakeV3(group, version), OpenApiV3Protobuf.Encode, type, keep);
    }

    private Task ServeV2Async(ApiRequest request) => OpenApiMediaType.Choose(request, 2) is { } type
        ? SendAsync(request, "v2", Version(null, null), MakeV2, OpenApiV2Protobuf.Encode, type, null)
        : NotAcceptableAsync(request);

    private static Task NotAcceptableAsync(ApiRequest request)
    {
        request.Http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
        request.Http.Response.Headers.Vary = "Accept";
        return Task.CompletedTask;
    }

    private async Task SendAsync(
        ApiRequest request, string key, string hash, Func<JsonMap> make, Func<JsonMap, byte[]> encode, OpenApiMediaType type,
        string? cacheControl)
    {
        HttpResponse response = request.Http.Response;
        // One tag for both encodings, as in Kubernetes: Vary tells them apart.
        response.Headers.ETag = $"\"{hash}\"";
        response.Headers.Vary = "Accept";
        if (HttpTags.Match(request.Http.Request.Headers.IfNoneMatch, response.Headers.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.Headers.CacheControl = cacheControl ?? response.Headers.CacheControl;
            return;
        }

        Document document = type.IsProtobuf
            ? Get(key + "/protobuf", hash, request.Now, () => encode(make()))
            : Get(key, hash, request.Now, () => JsonWriting.ToBytes(make()));
        response.Headers.LastModified = document.Made.ToString("R");
        await ObjectResponse.SendBytesAsync(request, 200, document.Bytes, type.Served, cacheControl);
    }

    /// <summary>A document, made once while the hash of what it tells stays the same.</summary>
    private Document Get(string key, string hash, DateTimeOffset now, Func<byte[]> make)
    {
        if (_documents.TryGetValue(key, out (string Hash, Lazy<Document> Document) held) && held.Hash == hash)
        {
            return held.Document.Value;
        }

        foreach (string kept in _documents.Keys)
        {
            // What was made of a group that is served no more is of no more use.
            if (kept.Split('/') is ["v3", var group, var version, ..] && !IsServed(group, version))
            {
                _documents.TryRemove(kept, out _);
            }
        }

        var made = new Lazy<Document>(() => new Document(make(), now));
        return _documents.AddOrUpdate(
            key, static (_, next) => next, static (_, held, next) => held.Hash == next.Hash ? held : next,
            (Hash: hash, Document: made)).Document.Value;
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
        foreach (ResourceDefinition definition in registry.All.Where(d => d.Group == group && d.Facts.Version == version)
            .OrderBy(d => d.Name, StringComparer.Ordinal))
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

    /// <summary>What changes when what is served changes, or how it is told.</summary>
    private string Version(string? group, string? version)
    {
        string served = string.Join('\n', registry.All
            .Where(d => group is null || (d.Group == group && d.Facts.Version == version))
            .Select(Identity)
            .Order(StringComparer.Ordinal));
        return Convert.ToHexString(SHA512.HashData(System.Text.Encoding.UTF8.GetBytes($"{s_build}\n{served}")));
    }

    private string Identity(ResourceDefinition d) => string.Join(
        '/',
        d.Group,
        d.Facts.Version,
        d.Name,
        d.Kind.Kind,
        d.ListKind,
        d.Namespaced,
        string.Join(',', d.Subresources.Keys),
        string.Join(',', d.Strategy.SelectableFields),
        d.OpenApiSchema is null ? "" : _customHashes.GetValue(d.OpenApiSchema, HashOf));

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

    private sealed record Document(byte[] Bytes, DateTimeOffset Made);
}
