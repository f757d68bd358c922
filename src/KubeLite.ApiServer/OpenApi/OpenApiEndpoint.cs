using System.Collections.Concurrent;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>/openapi/v2 and /openapi/v3: made when they are first asked for, kept as bytes until what is served changes.</summary>
public sealed class OpenApiEndpoint(ResourceRegistry registry, ApiFacts facts) : IPathEndpoint
{
    private const string InProtobuf = " in protobuf";

    private readonly OpenApiDocuments _made = new(registry, facts);
    private readonly ConcurrentDictionary<string, (string Hash, Lazy<Document> Document)> _documents = new(StringComparer.Ordinal);

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

        string key = path["/openapi/v3/".Length..];
        if (!_made.Keys().Contains(key))
        {
            request.Http.Response.StatusCode = StatusCodes.Status404NotFound;
            return true;
        }

        await ServeV3Async(request, key);
        return true;
    }

    private JsonMap Directory()
    {
        var paths = new JsonMap();
        foreach (string key in _made.Keys())
        {
            paths.Append(key, new JsonMap { { "serverRelativeURL", $"/openapi/v3/{key}?hash={_made.Hash(key)}" } });
        }

        return new JsonMap { { "paths", paths } };
    }

    private Task ServeV3Async(ApiRequest request, string key)
    {
        OpenApiMediaType? type = OpenApiMediaType.Choose(request, 3);
        if (type is null)
        {
            return NotAcceptableAsync(request);
        }

        string hash = _made.Hash(key);
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

        return SendAsync(request, $"v3/{key}", hash, () => _made.MakeV3(key), OpenApiV3Protobuf.Encode, type, keep);
    }

    private Task ServeV2Async(ApiRequest request) => OpenApiMediaType.Choose(request, 2) is { } type
        ? SendAsync(request, "v2", _made.Hash(null), _made.MakeV2, OpenApiV2Protobuf.Encode, type, null)
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
            ? Get(key + InProtobuf, hash, request.Now, () => encode(make()))
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

        SortedSet<string> served = _made.Keys();
        foreach (string kept in _documents.Keys)
        {
            // What was made of a group that is served no more is of no more use.
            if (kept.StartsWith("v3/", StringComparison.Ordinal)
                && !served.Contains(kept["v3/".Length..].Replace(InProtobuf, "", StringComparison.Ordinal)))
            {
                _documents.TryRemove(kept, out _);
            }
        }

        var made = new Lazy<Document>(() => new Document(make(), now));
        return _documents.AddOrUpdate(
            key, static (_, next) => next, static (_, held, next) => held.Hash == next.Hash ? held : next,
            (Hash: hash, Document: made)).Document.Value;
    }

    private sealed record Document(byte[] Bytes, DateTimeOffset Made);
}
