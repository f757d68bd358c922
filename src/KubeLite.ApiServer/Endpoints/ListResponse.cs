using System.Buffers;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// Sends a list in the form that was asked for: item by item from what the cache holds, so that a list of any size costs little
/// more than its bytes. Only what is rarely asked for of many objects (YAML, indented JSON, Tables with whole objects) is built first.
/// </summary>
internal static class ListResponse
{
    private const int FlushEvery = 256 * 1024;

    // Of the size at which arrays are still collected with the youngest objects.
    private const int ProtobufPart = 64 * 1024;

    private const int LookedUpAtOnce = 64;

    private static readonly byte[] s_comma = ",{"u8.ToArray();

    /// <summary>Sends a list.</summary>
    public static Task SendAsync(ApiRequest request, ResourceDefinition definition, ListPage page, ResponseFormat format)
    {
        switch (format)
        {
            case { Encoding: BodyEncoding.Protobuf, Shape: BodyShape.Object } when !definition.Custom:
            case { Encoding: BodyEncoding.Protobuf, Shape: BodyShape.MetadataList }:
                return SendProtobufAsync(request, definition, page, format);
            case { Encoding: BodyEncoding.Json, Shape: BodyShape.Object, Pretty: false }:
                return SendJsonAsync(request, definition, page);
            case { Encoding: BodyEncoding.Json, Shape: BodyShape.MetadataList, Pretty: false, Beta: false }:
                return SendMetadataAsync(request, definition, page);
            case { Encoding: BodyEncoding.Json, Shape: BodyShape.Table, Pretty: false, Beta: false }
                when TableBuilder.For(request, definition) is { CanCopyRows: true } table:
                return SendTableAsync(request, table, page, format);
            default:
                return ObjectResponse.SendAsync(request, 200, format.Label(Document(request, definition, page, format.Shape)), format);
        }
    }

    /// <summary>A list of custom resources: members in order of their names, as everything that Go has no type for.</summary>
    public static JsonMap CustomList(ResourceDefinition definition, ListPage page, JsonList items) => new()
    {
        { "apiVersion", definition.Kind.ApiVersion },
        { "items", items },
        { "kind", definition.ListKind },
        { "metadata", page.CustomMetadata() },
    };

    private static async Task SendJsonAsync(ApiRequest request, ResourceDefinition definition, ListPage page)
    {
        byte[] head = Encoding.UTF8.GetBytes(definition.Custom ? $"{{\"apiVersion\":\"{definition.Kind.ApiVersion}\",\"items\":[" :
            $"{{\"kind\":\"{definition.Kind.Kind}List\",\"apiVersion\":\"{definition.Kind.ApiVersion}\",\"metadata\":{JsonWriting.ToText(page.Metadata())},\"items\":[");
        ObjectResponse.Begin(request, 200, "application/json");
        if (HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        await using ListBody body = ListBody.For(request);
        IBufferWriter<byte> writer = body.Writer;
        byte[] left = EntryEncoding.ItemHead(definition);
        writer.Write(head);
        int unflushed = head.Length;
        var items = new ReadOnlyMemory<byte>[Math.Min(page.Entries.Count, LookedUpAtOnce)];
        for (int i = 0; i < page.Entries.Count; i++)
        {
            if (i % LookedUpAtOnce == 0)
            {
                LookUp(page.Entries, i, definition, left, items);
            }

            ReadOnlyMemory<byte> item = items[i % LookedUpAtOnce];
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

    /// <summary>
    /// Finds the bytes of the entries from one on. Each lies somewhere else, so that finding it waits for memory, three times; in a loop
    /// that does nothing else the processor waits for many at once.
    /// </summary>
    private static void LookUp(
        IReadOnlyList<CacheEntry> entries, int start, ResourceDefinition definition, ReadOnlySpan<byte> left,
        Span<ReadOnlyMemory<byte>> items)
    {
        int count = Math.Min(items.Length, entries.Count - start);
        for (int i = 0; i < count; i++)
        {
            items[i] = EntryEncoding.ListItemTail(entries[start + i], definition, left);
        }
    }

    /// <summary>
    /// Sends one message of all items. It stands in its frame with its length before it, so all is encoded first, in parts that are
    /// sent one by one.
    /// </summary>
    private static async Task SendProtobufAsync(ApiRequest request, ResourceDefinition definition, ListPage page, ResponseFormat format)
    {
        bool metadata = format.Shape == BodyShape.MetadataList;
        var writer = new WireWriter();
        ProtobufEncoder.WriteListMetadata(writer, page.Metadata(), ApiFacts.Newest);
        var parts = new List<byte[]>();
        long length = 0;
        for (int i = 0; i <= page.Entries.Count; i++)
        {
            if (i == page.Entries.Count || writer.Written.Length > ProtobufPart)
            {
                parts.Add(writer.Written.ToArray());
                length += writer.Written.Length;
                writer.Clear();
            }

            if (i < page.Entries.Count)
            {
                int item = writer.Begin(2);
                EntryEncoding.WriteProtobuf(writer, page.Entries[i], definition, metadata);
                writer.End(item);
            }
        }

        GroupVersionKind kind = metadata
            ? new GroupVersionKind("meta.k8s.io", format.Beta ? "v1beta1" : "v1", "PartialObjectMetadataList")
            : definition.Kind with { Kind = definition.ListKind };
        ObjectResponse.Begin(request, 200, format.ContentType);
        if (HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        await using ListBody body = ListBody.For(request);
        body.Writer.Write(ProtobufEnvelope.Head(kind, length));
        foreach (byte[] part in parts)
        {
            body.Writer.Write(part);
            await body.FlushAsync(request.Aborted);
        }

        body.Writer.Write(ProtobufEnvelope.Tail);
        await body.CompleteAsync(request.Aborted);
    }

    private static async Task SendMetadataAsync(ApiRequest request, ResourceDefinition definition, ListPage page)
    {
        byte[] head = Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{JsonWriting.ToText(page.Metadata())},\"items\":[");
        ObjectResponse.Begin(request, 200, "application/json");
        if (HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        await using ListBody body = ListBody.For(request);
        body.Writer.Write(head);
        int unflushed = head.Length;
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ReadOnlyMemory<byte> metadata = EntryEncoding.MetadataJson(page.Entries[i], definition);
            body.Writer.Write(i == 0 ? s_comma.AsSpan(1) : s_comma);
            body.Writer.Write("\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"u8);
            body.Writer.Write(metadata.Span);
            body.Writer.Write("}"u8);
            unflushed += metadata.Length;
            if (unflushed > FlushEvery)
            {
                await body.FlushAsync(request.Aborted);
                unflushed = 0;
            }
        }

        body.Writer.Write("]}\n"u8);
        await body.CompleteAsync(request.Aborted);
    }

    private static async Task SendTableAsync(ApiRequest request, TableBuilder table, ListPage page, ResponseFormat format)
    {
        const int RowsPerFlush = 128;
        ObjectResponse.Begin(request, 200, format.ContentType);
        if (HttpMethods.IsHead(request.Http.Request.Method))
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

    private static JsonMap Document(ApiRequest request, ResourceDefinition definition, ListPage page, BodyShape shape)
    {
        if (shape == BodyShape.Metadata)
        {
            throw ReadEndpoint.WrongShape("PartialObjectMetadata", "a list", definition, "List");
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
}
