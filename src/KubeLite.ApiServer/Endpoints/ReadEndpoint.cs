using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>GET of an object and of a list: bytes of the cache's entries, copied into the answer.</summary>
public sealed class ReadEndpoint(ResourceRegistry registry, IKeyValueStore store)
{
    /// <summary>Answers with one object.</summary>
    public async Task GetAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition);
        ResourceCache cache = registry.Cache(definition);
        string version = request.Query("resourceVersion") ?? "";
        CacheSnapshot snapshot = version.Length == 0
            ? await cache.ReadConsistentAsync(request.Aborted)
            : await cache.ReadAsync(ListOptions.ParseRevision(version), request.Aborted);
        CacheEntry entry = snapshot.Find(request.Info.ObjectNamespace, request.Info.Name)
            ?? throw ApiException.NotFound(definition.Group, definition.Name, request.Info.Name);
        if (format is { Shape: BodyShape.Object, Encoding: BodyEncoding.Json, Pretty: false })
        {
            await ObjectResponse.SendBytesAsync(request, 200, EntryEncoding.Json(entry, definition), format.ContentType);
            return;
        }

        if (format is { Shape: BodyShape.Object or BodyShape.Metadata, Encoding: BodyEncoding.Protobuf, Beta: false }
            && (format.Shape == BodyShape.Metadata || !definition.Custom))
        {
            byte[] bytes = EntryEncoding.Protobuf(entry, definition, format.Shape == BodyShape.Metadata);
            await ObjectResponse.SendBytesAsync(request, 200, bytes, format.ContentType);
            return;
        }

        JsonMap obj = EntryEncoding.Document(entry, definition);
        await ObjectResponse.SendAsync(request, 200, format.Label(Shape(request, definition, obj, format.Shape)), format);
    }

    /// <summary>The object of a request, in the request's version; free to be changed.</summary>
    /// <exception cref="ApiException">404: there is none.</exception>
    public async Task<JsonMap> FindAsync(ApiRequest request, ResourceDefinition definition)
    {
        CacheSnapshot snapshot = await registry.Cache(definition).ReadConsistentAsync(request.Aborted);
        CacheEntry entry = snapshot.Find(request.Info.ObjectNamespace, request.Info.Name)
            ?? throw ApiException.NotFound(definition.Group, definition.Name, request.Info.Name);
        return EntryEncoding.Document(entry, definition);
    }

    /// <summary>An object in the form that was asked for.</summary>
    public static JsonMap Shape(ApiRequest request, ResourceDefinition definition, JsonMap obj, BodyShape shape) => shape switch
    {
        BodyShape.Table => TableBuilder.For(request, definition).Of(obj),
        BodyShape.Metadata => EntryEncoding.Metadata(obj, definition),
        BodyShape.MetadataList => throw WrongShape("PartialObjectMetadataList", "not a list", definition, ""),
        _ => obj,
    };

    /// <summary>The metadata of one object was asked for of a list, or the reverse.</summary>
    internal static ApiException WrongShape(string asked, string fault, ResourceDefinition definition, string suffix)
    {
        string type = definition.Custom
            ? "unstructured.Unstructured"
            : $"{(definition.Group is "" or "events.k8s.io" ? "core" : definition.Group.Split('.')[0])}.{definition.Kind.Kind}";
        return new ApiException(406, "NotAcceptable", $"you requested {asked}, but the requested object is {fault} (*{type}{suffix})");
    }

    /// <summary>Answers with a list.</summary>
    public async Task ListAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition, list: true);
        ListOptions options = ListOptions.Of(request, watch: false);
        EntrySelection selection = EntrySelection.Of(definition, options, "");
        ListPage page = await ReadPageAsync(request, definition, options, selection);
        await ListResponse.SendAsync(request, definition, page, format);
    }

    /// <summary>The entries of a list or of a page of it.</summary>
    public async Task<ListPage> ReadPageAsync(
        ApiRequest request, ResourceDefinition definition, ListOptions options, EntrySelection selection)
    {
        ResourceCache cache = registry.Cache(definition);
        string? start = null;
        CacheSnapshot? snapshot;
        long revision = 0;
        if (options.Continue.Length > 0)
        {
            ContinueToken token = ContinueToken.Decode(options.Continue);
            if (options.ResourceVersion.Length > 0 && options.ResourceVersion != "0")
            {
                throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
            }

            start = definition.KeyPrefix + token.Start;
            revision = token.Revision;
            snapshot = revision > 0 ? cache.TryGetAt(revision) : await cache.ReadConsistentAsync(request.Aborted);
        }
        else if (options.Match == "Exact" || (options is { Limit: > 0, Match: "" } && options.Revision > 0))
        {
            // A limited list of a revision without a match is exact, for the sake of old clients.
            revision = options.Revision;
            await cache.ReadAsync(revision, request.Aborted);
            snapshot = cache.TryGetAt(revision);
        }
        else
        {
            snapshot = options.ResourceVersion.Length == 0
                ? await cache.ReadConsistentAsync(request.Aborted)
                : await cache.ReadAsync(options.Revision, request.Aborted);
        }

        // From the cache as it happens to be, a list is whole: a limit is only for what is exact.
        long limit = options is { ResourceVersion: "0", Match: "" } ? 0 : options.Limit;
        return snapshot is not null
            ? Cut(definition, selection.RangeOf(snapshot, request.Info.ObjectNamespace, start), snapshot.Revision, selection, limit)
            : await ReadStoreAsync(request, definition, revision, start, selection, limit, options);
    }

    private static ListPage Cut(ResourceDefinition definition, CacheRange range, long revision, EntrySelection selection, long limit)
    {
        bool everything = selection.IsEverything;
        var entries = new List<CacheEntry>(everything && limit == 0 ? range.Count : 16);
        long seen = 0;
        foreach (CacheEntry entry in range)
        {
            if (limit > 0 && entries.Count == limit)
            {
                // One more that matches is needed for a next page; what doesn't match is skipped on the way.
                if (everything || selection.Matches(entry))
                {
                    string next = entries[^1].Key[definition.KeyPrefix.Length..] + "\0";
                    return new ListPage(
                        entries, revision, new ContinueToken(revision, next).Encode(), everything ? range.Count - seen : null);
                }

                continue;
            }

            seen++;
            if (everything || selection.Matches(entry))
            {
                entries.Add(entry);
            }
        }

        return new ListPage(entries, revision, null, null);
    }

    /// <summary>Reads a revision that the cache no longer holds.</summary>
    private async Task<ListPage> ReadStoreAsync(
        ApiRequest request, ResourceDefinition definition, long revision, string? start, EntrySelection selection, long limit,
        ListOptions options)
    {
        string prefix = definition.KeyPrefix + (request.Info.ObjectNamespace.Length > 0 ? request.Info.ObjectNamespace + "/" : "");
        try
        {
            RangeResult range = await store.RangeAsync(
                new RangeQuery { Prefix = prefix, Start = start, Revision = revision }, request.Aborted);
            ResourceCache cache = registry.Cache(definition);
            var entries = new List<CacheEntry>();
            long seen = 0;
            foreach (KeyValue item in range.Items)
            {
                CacheEntry entry = cache.Read(item);
                if (limit > 0 && entries.Count == limit)
                {
                    if (selection.Matches(entry))
                    {
                        string next = entries[^1].Key[definition.KeyPrefix.Length..] + "\0";
                        return new ListPage(
                            entries, revision, new ContinueToken(revision, next).Encode(),
                            selection.IsEverything ? range.Items.Count - seen : null);
                    }

                    continue;
                }

                seen++;
                if (selection.Matches(entry))
                {
                    entries.Add(entry);
                }
            }

            return new ListPage(entries, revision, null, null);
        }
        catch (StoreException e) when (e.Code == StoreErrorCode.Compacted && options.Continue.Length > 0)
        {
            throw new ExpiredContinueException(new ContinueToken(-1, start![definition.KeyPrefix.Length..]).Encode());
        }
        catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
        {
            throw ApiException.Expired("The resourceVersion for the provided list is too old.");
        }
    }
}
