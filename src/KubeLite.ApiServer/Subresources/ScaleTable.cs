using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Subresources;

/// <summary>The Table of a Scale (printers' <c>printScale</c> and apiextensions' <c>getScaleColumnsForVersion</c> of v1.36).</summary>
internal sealed class ScaleTable : ResourceStrategy
{
    private static readonly PrinterColumns s_builtIn = Columns(
        "replicas is the desired number of instances for the scaled object.",
        "replicas is the actual number of observed instances of the scaled object.");

    private static readonly PrinterColumns s_custom = Columns("Number of desired replicas", "Number of actual replicas");

    private readonly PrinterColumns _columns;
    private readonly bool _custom;

    private ScaleTable(bool custom) => (_columns, _custom) = (custom ? s_custom : s_builtIn, custom);

    /// <summary>A Scale as a Table.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scales">What a Scale is.</param>
    /// <param name="scale">The Scale.</param>
    /// <param name="custom">True where it is that of a custom resource.</param>
    public static JsonMap Of(ApiRequest request, ResourceDefinition scales, JsonMap scale, bool custom)
    {
        var strategy = new ScaleTable(custom);
        return TableBuilder.For(request, new ResourceDefinition
        {
            Facts = scales.Facts with { Columns = strategy._columns.Columns },
            Schema = scales.Schema,
            Strategy = strategy,
            StorageKind = scales.StorageKind,
            StorageSchema = scales.StorageSchema,
            KeyPrefix = scales.KeyPrefix,
            Subresources = scales.Subresources,
        }).Of(scale);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonList cells = _columns.Cells(obj);
        // A custom resource's Scale is read as a document, in which no replicas are no member.
        cells[1] ??= _custom ? null : 0L;
        return cells;
    }

    private static PrinterColumns Columns(string desired, string available) => new(
    [
        new JsonMap { { "name", "Desired" }, { "type", "integer" }, { "description", desired }, { "jsonPath", ".spec.replicas" } },
        new JsonMap { { "name", "Available" }, { "type", "integer" }, { "description", available }, { "jsonPath", ".status.replicas" } },
        new JsonMap
        {
            { "name", "Age" }, { "type", "date" }, { "description", PrinterColumns.AgeText }, { "jsonPath", ".metadata.creationTimestamp" },
        },
    ]);
}
