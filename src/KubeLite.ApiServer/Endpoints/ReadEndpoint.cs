using System.Buffers;
using System.Globalization;
using System.Text;
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
    private const int RowsPerFlush = 128;

    private static readonly byte[] s_comma = ",{"u8.ToArray();

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
    private static ApiException WrongShape(string asked, string fault, ResourceDefinition definition, string suffix)
    {
        string type = definition.Custom ? "unstructured.Unstructured" : $"{(definition.Group is "" or "events.k8s.io" ? "core" : definition.Group.Split('.')[0])}.{definition.Kind.Kind}";
        return new ApiException(406, "NotAcceptable", $"you requested {asked}, but the requested object is {fault} (*{type}{suffix})");
    }

    /// <summary>Answers with a list.</summary>
    public async Task ListAsync(ApiRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition, list: true);
        ListOptions options = ListOptions.Of(request, watch: false);
        EntrySelection selection = EntrySelection.Of(definition, options, "");
        Page page = await ReadPageAsync(request, definition, options, selection);
        if (format is { Shape: BodyShape.Object, Encoding: BodyEncoding.Json, Pretty: false })
        {
            await SendListAsync(request, definition, page);
            return;
        }

        if (format is { Shape: BodyShape.Table, Encoding: BodyEncoding.Json, Pretty: false, Beta: false } && TableBuilder.For(request, definition) is { CanCopyRows: true } table)
        {
            await SendTableAsync(request, table, page, format);
            return;
        }

        await ObjectResponse.SendAsync(request, 200, format.Label(Document(request, definition, page, format.Shape)), format);
    }

    /// <summary>The entries of a list or of a page of it.</summary>
    public async Task<Page> ReadPageAsync(ApiRequest request, ResourceDefinition definition, ListOptions options, EntrySelection selection)
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

    private static Page Cut(ResourceDefinition definition, CacheRange range, long revision, EntrySelection selection, long limit)
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
                    return new Page(entries, revision, new ContinueToken(revision, next).Encode(), everything ? range.Count - seen : null);
                }

                continue;
            }

            seen++;
            if (everything || selection.Matches(entry))
            {
                entries.Add(entry);
            }
        }

        return new Page(entries, revision, null, null);
    }

    /// <summary>Reads a revision that the cache no longer holds.</summary>
    private async Task<Page> ReadStoreAsync(
        ApiRequest request, ResourceDefinition definition, long revision, string? start, EntrySelection selection, long limit, ListOptions options)
    {
        string prefix = definition.KeyPrefix + (request.Info.ObjectNamespace.Length > 0 ? request.Info.ObjectNamespace + "/" : "");
        try
        {
            RangeResult range = await store.RangeAsync(new RangeQuery { Prefix = prefix, Start = start, Revision = revision }, request.Aborted);
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
                        return new Page(entries, revision, new ContinueToken(revision, next).Encode(), selection.IsEverything ? range.Items.Count - seen : null);
                    }

                    continue;
                }

                seen++;
                if (selection.Matches(entry))
                {
                    entries.Add(entry);
                }
            }

            return new Page(entries, revision, null, null);
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

    private static JsonMap Document(ApiRequest request, ResourceDefinition definition, Page page, BodyShape shape)
    {
        if (shape == BodyShape.Metadata)
        {
            throw WrongShape("PartialObjectMetadata", "a list", definition, "List");
        }

        if (shape == BodyShape.Table)
        {
            TableBuilder builder = TableBuilder.For(request, definition);
            JsonMap table = builder.Begin(page.Metadata());
            JsonList rows = table.List("rows")!;
            foreach (CacheEntry entry in page.Entries)
            {
                rows.Add(builder.Row(EntryEncoding.Document(entry, definition)));
            }

            return table;
        }

        var items = new JsonList(page.Entries.Count);
        foreach (CacheEntry entry in page.Entries)
        {
            JsonMap obj = EntryEncoding.Document(entry, definition);
            if (shape == BodyShape.MetadataList)
            {
                items.Add(EntryEncoding.Metadata(obj, definition));
                continue;
            }

            if (!definition.Custom)
            {
                obj.Remove("kind");
                obj.Remove("apiVersion");
            }

            items.Add(obj);
        }

        if (definition.Custom && shape != BodyShape.MetadataList)
        {
            return CustomList(definition, page, items);
        }

        return new JsonMap
        {
            { "kind", shape == BodyShape.MetadataList ? "PartialObjectMetadataList" : definition.Kind.Kind + "List" },
            { "apiVersion", shape == BodyShape.MetadataList ? "meta.k8s.io/v1" : definition.Kind.ApiVersion },
            { "metadata", page.Metadata() },
            { "items", items },
        };
    }

    /// <summary>A list of custom resources: members in order of their names, as everything that Go has no type for.</summary>
    public static JsonMap CustomList(ResourceDefinition definition, Page page, JsonList items) => new()
    {
        { "apiVersion", definition.Kind.ApiVersion },
        { "items", items },
        { "kind", definition.ListKind },
        { "metadata", page.CustomMetadata() },
    };

    private static async Task SendTableAsync(ApiRequest request, TableBuilder table, Page page, ResponseFormat format)
    {
        ObjectResponse.Begin(request, 200, format.ContentType);
        if (Microsoft.AspNetCore.Http.HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        await using ListBody body = ListBody.For(request);
        // Without its rows the Table ends in "[]}".
        body.Writer.Write(JsonWriting.ToBytes(table.Begin(page.Metadata())).AsSpan()[..^2]);
        for (int i = 0; i < page.Entries.Count; i++)
        {
            if (i > 0)
            {
                body.Writer.Write(","u8);
            }

            table.WriteRow(body.Writer, page.Entries[i]);
            if (i % RowsPerFlush == RowsPerFlush - 1)
            {
                await body.FlushAsync(request.Aborted);
            }
        }

        body.Writer.Write("]}\n"u8);
        await body.CompleteAsync(request.Aborted);
    }

    private static async Task SendListAsync(ApiRequest request, ResourceDefinition definition, Page page)
    {
        byte[] head = Encoding.UTF8.GetBytes(definition.Custom ? $"{{\"apiVersion\":\"{definition.Kind.ApiVersion}\",\"items\":[" :
            $"{{\"kind\":\"{definition.Kind.Kind}List\",\"apiVersion\":\"{definition.Kind.ApiVersion}\",\"metadata\":{JsonWriting.ToText(page.Metadata())},\"items\":[");
        ObjectResponse.Begin(request, 200, "application/json");
        if (Microsoft.AspNetCore.Http.HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        const int FlushEvery = 256 * 1024;
        await using ListBody body = ListBody.For(request);
        IBufferWriter<byte> writer = body.Writer;
        writer.Write(head);
        int unflushed = head.Length;
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ReadOnlyMemory<byte> item = EntryEncoding.ListItemTail(page.Entries[i], definition);
            writer.Write(i == 0 ? s_comma.AsSpan(1) : s_comma);
            writer.Write(item.Span);
            unflushed += item.Length;
            if (unflushed > FlushEvery)
            {
                await body.FlushAsync(request.Aborted);
                unflushed = 0;
            }
        }

        writer.Write(definition.Custom
            ? Encoding.UTF8.GetBytes($"],\"kind\":\"{definition.ListKind}\",\"metadata\":{JsonWriting.ToText(page.CustomMetadata())}}}\n")
            : "]}\n"u8);
        await body.CompleteAsync(request.Aborted);
    }

    /// <summary>A list or a page of one.</summary>
    /// <param name="Entries">The entries in order.</param>
    /// <param name="Revision">The revision it is of.</param>
    /// <param name="Continue">Where the next page begins; null for none.</param>
    /// <param name="Remaining">How many entries are left; null where that isn't known.</param>
    public sealed record Page(IReadOnlyList<CacheEntry> Entries, long Revision, string? Continue, long? Remaining)
    {
        /// <summary>The list's metadata where the list is one of custom resources.</summary>
        public JsonMap CustomMetadata()
        {
            var metadata = new JsonMap { { "continue", Continue ?? "" } };
            if (Continue is not null && Remaining is not null)
            {
                metadata.Append("remainingItemCount", Remaining.Value);
            }

            metadata.Append("resourceVersion", Revision.ToString(CultureInfo.InvariantCulture));
            return metadata;
        }

        /// <summary>The list's metadata.</summary>
        public JsonMap Metadata()
        {
            var metadata = new JsonMap { { "resourceVersion", Revision.ToString(CultureInfo.InvariantCulture) } };
            if (Continue is not null)
            {
                metadata.Append("continue", Continue);
                if (Remaining is not null)
                {
                    metadata.Append("remainingItemCount", Remaining.Value);
                }
            }

            return metadata;
        }
    }
}
