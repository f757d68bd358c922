using System.Buffers;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Responses;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Tables;

/// <summary>
/// A cached object's row as JSON text but for the ages in it, and where the object's text holds its metadata: kept with the
/// entry, so that the Table of many objects is copied together.
/// </summary>
public sealed class TableRow
{
    private readonly byte[] _text;
    private readonly (int At, AgeCell Cell)[] _ages;
    private readonly Range _metadata;

    private TableRow(byte[] text, (int At, AgeCell Cell)[] ages, Range metadata)
    {
        _text = text;
        _ages = ages;
        _metadata = metadata;
    }

    /// <summary>The row of an entry.</summary>
    public static TableRow Of(CacheEntry entry, ResourceDefinition definition) =>
        entry.GetOrAdd(definition.TableSlot, e => Make(e, definition));

    /// <summary>Writes the row.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="json">The entry's JSON in the row's version.</param>
    /// <param name="metadata">True where the object's metadata goes with the row.</param>
    /// <param name="now">The time that ages are counted to.</param>
    public void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> json, bool metadata, DateTimeOffset now)
    {
        writer.Write("{\"cells\":["u8);
        int written = 0;
        foreach ((int at, AgeCell cell) in _ages)
        {
            writer.Write(_text.AsSpan(written, at - written));
            writer.Write("\""u8);
            Encoding.UTF8.GetBytes(cell.At(now), writer);
            writer.Write("\""u8);
            written = at;
        }

        writer.Write(_text.AsSpan(written));
        if (!metadata)
        {
            writer.Write("],\"object\":null}"u8);
            return;
        }

        writer.Write("],\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"u8);
        writer.Write(json[_metadata]);
        writer.Write("}}"u8);
    }

    private static TableRow Make(CacheEntry entry, ResourceDefinition definition)
    {
        JsonList cells = TableBuilder.Cells(EntryEncoding.Document(entry, definition), definition);
        var text = new ArrayBufferWriter<byte>(256);
        var ages = new List<(int At, AgeCell Cell)>(2);
        for (int i = 0; i < cells.Count; i++)
        {
            if (i > 0)
            {
                text.Write(","u8);
            }

            if (cells[i] is AgeCell age)
            {
                ages.Add((text.WrittenCount, age));
            }
            else
            {
                text.Write(JsonWriting.ToBytes(cells[i]));
            }
        }

        return new TableRow(text.WrittenSpan.ToArray(), [.. ages], EntryEncoding.FindMetadata(EntryEncoding.Json(entry, definition).Span));
    }
}
