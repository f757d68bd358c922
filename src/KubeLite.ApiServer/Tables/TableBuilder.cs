using System.Buffers;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Tables;

/// <summary>Turns objects into Tables: what <c>kubectl get</c> prints (KEP-2334).</summary>
public sealed class TableBuilder(ResourceDefinition definition, string include, DateTimeOffset now)
{
    /// <summary>A builder for a request; <c>includeObject</c> says how much of each object its row holds.</summary>
    /// <exception cref="ApiException">400: it says something else.</exception>
    public static TableBuilder For(ApiRequest request, ResourceDefinition definition)
    {
        string include = request.Query("includeObject") is { Length: > 0 } given ? given : "Metadata";
        return include is "Metadata" or "Object" or "None"
            ? new TableBuilder(definition, include, request.Now)
            : throw ApiException.BadRequest(
                $"Unable to convert to Table as requested: includeObject: Invalid value: {FieldError.GoQuote(include)}: must be 'Metadata', 'Object', 'None', or empty");
    }

    /// <summary>An empty Table.</summary>
    /// <param name="listMetadata">The metadata of the list or object.</param>
    /// <param name="columns">False where the caller has the columns already: they are null then.</param>
    public JsonMap Begin(JsonMap listMetadata, bool columns = true) => new()
    {
        { "kind", "Table" },
        { "apiVersion", "meta.k8s.io/v1" },
        { "metadata", listMetadata },
        { "columnDefinitions", columns ? Columns() : null },
        { "rows", new JsonList() },
    };

    /// <summary>A Table of one object.</summary>
    public JsonMap Of(JsonMap obj, bool columns = true)
    {
        var metadata = new JsonMap();
        if (obj.Map("metadata")?.String("resourceVersion") is { } revision)
        {
            metadata.Append("resourceVersion", revision);
        }

        JsonMap table = Begin(metadata, columns);
        table.List("rows")!.Add(Row(obj));
        return table;
    }

    /// <summary>An object's row.</summary>
    public JsonMap Row(JsonMap obj)
    {
        JsonList cells = Cells(obj, definition);
        for (int i = 0; i < cells.Count; i++)
        {
            cells[i] = cells[i] is AgeCell age ? age.At(now) : cells[i];
        }

        var row = new JsonMap { { "cells", cells } };
        switch (include)
        {
            case "None":
                row.Append("object", null);
                break;
            case "Object":
                row.Append("object", obj);
                break;
            default:
                row.Append("object", EntryEncoding.Metadata(obj, definition));
                break;
        }

        return row;
    }

    /// <summary>True where rows can be copied from what entries keep.</summary>
    public bool CanCopyRows => include is "None" or "Metadata" && !definition.Strategy.HasOwnPartialMetadata;

    /// <summary>Writes an entry's row as JSON; <see cref="CanCopyRows"/> must hold.</summary>
    public void WriteRow(IBufferWriter<byte> writer, CacheEntry entry) =>
        TableRow.Of(entry, definition).Write(writer, EntryEncoding.Json(entry, definition).Span, include == "Metadata", now);

    /// <summary>An object's cells; those whose text changes with time are <see cref="AgeCell"/>s.</summary>
    public static JsonList Cells(JsonMap obj, ResourceDefinition definition)
    {
        if (definition.Strategy.Cells(obj) is { } own)
        {
            return own;
        }

        JsonMap metadata = obj.MapAt("metadata");
        string? created = metadata.String("creationTimestamp");
        return [metadata.String("name"), definition.Facts.Columns[^1].Type == "date" ? created : TableText.Age(created)];
    }

    private JsonList Columns()
    {
        var columns = new JsonList(definition.Facts.Columns.Count);
        foreach (TableColumn column in definition.Facts.Columns)
        {
            columns.Add(new JsonMap
            {
                { "name", column.Name },
                { "type", column.Type },
                { "format", column.Format },
                { "description", column.Description },
                { "priority", (long)column.Priority },
            });
        }

        return columns;
    }
}
