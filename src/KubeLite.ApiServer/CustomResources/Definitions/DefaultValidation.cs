using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.CustomResources.Validation;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Validates the defaults of a schema: each must be a value that the schema itself takes (apiextensions'
/// <c>schema/defaulting/validation.go</c> of v1.36).
/// </summary>
public static class DefaultValidation
{
    /// <summary>Adds every fault of the defaults in a structural schema.</summary>
    public static void Validate(JsonMap schema, FieldPath path, FieldErrors errors)
    {
        if (schema["default"] is { } value)
        {
            One(value, schema, path.Child("default"), errors);
        }

        if (schema.Map("items") is { } items)
        {
            Validate(items, path.Child("items"), errors);
        }

        foreach (var (name, property) in schema.Map("properties") ?? [])
        {
            if (property is JsonMap map)
            {
                Validate(map, path.Child("properties").Key(name), errors);
            }
        }
    }

    private static void One(object value, JsonMap schema, FieldPath path, FieldErrors errors)
    {
        Schema description = CustomSchemas.Of(schema);
        object? copy = JsonValue.DeepCopy(value);
        var unknown = new List<string>();
        CustomPruning.Run(copy, description, unknown);
        if (unknown.Count > 0)
        {
            errors.Invalid(path, value, "must not have unknown fields");
        }

        try
        {
            EmbeddedMetadata.DecodeAll(copy, description, []);
        }
        catch (DecodeException e)
        {
            errors.Invalid(path, value, "must result in valid metadata: " + e.Message);
            return;
        }

        int before = errors.Count;
        EmbeddedObjectValidation.Validate(value, description, path, errors);
        if (errors.Count == before)
        {
            SchemaValidator.Validate(value, schema, path, errors);
        }
    }
}
