using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// A definition's spec as Kubernetes validates it: what all versions have alike (schema, subresources, columns, selectable
/// fields) stands once at the top, and messages name it there (apiextensions' <c>v1/conversion.go</c> of v1.36).
/// </summary>
public sealed class DefinitionSpec
{
    /// <summary>Reads a spec.</summary>
    public DefinitionSpec(JsonMap spec)
    {
        Json = spec;
        List<JsonMap> versions = [.. spec.List("versions")?.Maps() ?? []];
        Validation = Common(versions, "schema") as JsonMap;
        Subresources = Common(versions, "subresources") as JsonMap;
        Columns = Common(versions, "additionalPrinterColumns") as JsonList;
        SelectableFields = Common(versions, "selectableFields") as JsonList;
        Versions = [.. versions.Select(v => new Version(
            v,
            Validation is null ? v.Map("schema") : null,
            Subresources is null ? v.Map("subresources") : null,
            Columns is null ? v.List("additionalPrinterColumns") : null,
            SelectableFields is null ? v.List("selectableFields") : null))];
    }

    /// <summary>The spec as it was sent.</summary>
    public JsonMap Json { get; }

    /// <summary>The schema of all versions; null where they differ.</summary>
    public JsonMap? Validation { get; }

    /// <summary>The subresources of all versions; null where they differ.</summary>
    public JsonMap? Subresources { get; }

    /// <summary>The columns of all versions; null where they differ.</summary>
    public JsonList? Columns { get; }

    /// <summary>The selectable fields of all versions; null where they differ.</summary>
    public JsonList? SelectableFields { get; }

    /// <summary>The versions with what is theirs alone.</summary>
    public IReadOnlyList<Version> Versions { get; }

    /// <summary>The versions as messages show them: under the names of Kubernetes' internal types.</summary>
    public JsonList Shown() => [.. Versions.Select(v => (object?)new JsonMap
    {
        { "Name", v.Json.String("name") ?? "" },
        { "Served", v.Json.Flag("served") },
        { "Storage", v.Json.Flag("storage") },
        { "Deprecated", v.Json.Flag("deprecated") },
        { "DeprecationWarning", v.Json["deprecationWarning"] },
        { "Schema", v.Schema is null ? null : new JsonMap { { "OpenAPIV3Schema", v.Schema.Map("openAPIV3Schema") } } },
        { "Subresources", v.Subresources is null ? null : ShownSubresources(v.Subresources) },
        { "AdditionalPrinterColumns", v.Columns is null ? null : new JsonList(v.Columns.Maps().Select(c => (object?)ShownColumn(c))) },
        {
            "SelectableFields", v.SelectableFields is null
                ? null
                : new JsonList(v.SelectableFields.Maps().Select(f => (object?)new JsonMap { { "JSONPath", f.String("jsonPath") ?? "" } }))
        },
    })];

    private static JsonMap ShownSubresources(JsonMap subresources) => new()
    {
        { "Status", subresources["status"] is null ? null : new JsonMap() },
        {
            "Scale", subresources.Map("scale") is not { } scale ? null : new JsonMap
            {
                { "SpecReplicasPath", scale.String("specReplicasPath") ?? "" },
                { "StatusReplicasPath", scale.String("statusReplicasPath") ?? "" },
                { "LabelSelectorPath", scale["labelSelectorPath"] },
            }
        },
    };

    private static JsonMap ShownColumn(JsonMap column) => new()
    {
        { "Name", column.String("name") ?? "" },
        { "Type", column.String("type") ?? "" },
        { "Format", column.String("format") ?? "" },
        { "Description", column.String("description") ?? "" },
        { "Priority", column.Integer("priority") ?? 0 },
        { "JSONPath", column.String("jsonPath") ?? "" },
    };

    private static object? Common(List<JsonMap> versions, string field) =>
        versions.Count > 0 && versions.All(v => JsonValue.DeepEquals(v[field], versions[0][field])) ? versions[0][field] : null;

    /// <summary>A version.</summary>
    /// <param name="Json">The version as it was sent.</param>
    /// <param name="Schema">Its schema; null where all versions have the same.</param>
    /// <param name="Subresources">Its subresources; null where all versions have the same.</param>
    /// <param name="Columns">Its columns; null where all versions have the same.</param>
    /// <param name="SelectableFields">Its selectable fields; null where all versions have the same.</param>
    public sealed record Version(JsonMap Json, JsonMap? Schema, JsonMap? Subresources, JsonList? Columns, JsonList? SelectableFields);
}
