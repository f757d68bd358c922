using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Patches;

/// <summary>
/// The errors of strategic merge patch. Kubernetes answers all of these with 500 and the bare message: its
/// <c>interpretStrategicMergePatchError</c> (apiserver, handlers/patch.go, v0.36) gives a status to the malformed
/// directives and to lists of lists only.
/// </summary>
internal static class StrategicErrors
{
    /// <summary>The field of an object that a map of a patch is merged into.</summary>
    /// <exception cref="PatchException">There is none.</exception>
    public static SchemaField Field(Schema? schema, string name)
    {
        if (schema?.Kind == ValueKind.Map)
        {
            throw new PatchException(500, "merging an object in json but data type is not struct, instead is: map");
        }

        return schema is not null
            && (schema.Field(name)
            ?? schema.Fields.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is { } field
            ? field
            : throw new PatchException(
                500, $"unable to find api field in struct {StructName(schema)} for the json field {JsonWriting.ToText(name)}");
    }

    /// <summary>The field of an object that a list of a patch is merged into.</summary>
    /// <exception cref="PatchException">There is none, or it is no list.</exception>
    public static SchemaField ListField(Schema? schema, string name)
    {
        SchemaField field = Field(schema, name);
        return field.Schema.Kind == ValueKind.List ? field : throw new PatchException(500, "expected slice or array type, but got: struct");
    }

    /// <summary>A value is of another type than the merge needs.</summary>
    public static PatchException Expected<T>(object? value) =>
        new(500,
            $"expected a {(typeof(T) == typeof(JsonList) ? "[]interface {}" : "map[string]interface {}")}, but received a {GoType(value)}");

    /// <summary>A <c>$patch</c> that isn't known.</summary>
    public static PatchException UnknownDirective(object? directive, JsonMap map) =>
        new(500, $"unknown patch type: {AsString(directive)} in map: {GoText.Of(map)}");

    /// <summary>The kind of a schema as Go's reflection names it.</summary>
    public static string GoKind(Schema? schema) => schema?.Kind switch
    {
        ValueKind.Map => "map",
        ValueKind.List or ValueKind.Bytes => "slice",
        ValueKind.Object or ValueKind.Any or ValueKind.RawExtension or ValueKind.Time or ValueKind.MicroTime or ValueKind.Quantity
            or ValueKind.IntOrString => "struct",
        { } => schema.GoTypeName,
        null => "struct",
    };

    private static string StructName(Schema? schema) => schema?.Kind switch
    {
        ValueKind.RawExtension => "RawExtension",
        ValueKind.Any or null => "JSON",
        _ => schema.ShortName,
    };

    private static string GoType(object? value) => GoText.TypeOf(value) ?? "%!s(<nil>)";

    /// <summary>A value as Go's <c>%s</c> prints it.</summary>
    private static string AsString(object? value) => value switch
    {
        null => "%!s(<nil>)",
        bool or long or double => $"%!s({GoType(value)}={GoText.Of(value)})",
        _ => GoText.Of(value),
    };
}
