using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Brings a parsed custom resource into its schema's form, in place: members that the schema doesn't name are taken out,
/// metadata (its own and that of embedded resources) is decoded as what it is. Values of wrong types stay: validation
/// reports them (apiextensions' <c>unstructuredSchemaCoercer</c> of v1.36).
/// </summary>
public static class CustomDecoder
{
    /// <summary>Decodes an object.</summary>
    /// <param name="value">The parsed object; it is changed.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="unknown">Gets the paths of what isn't known: in its metadata, in itself, in the metadata of embedded resources.</param>
    /// <exception cref="DecodeException">Its metadata can't be read.</exception>
    public static void Decode(JsonMap value, Schema schema, List<string> unknown)
    {
        bool whole = schema.TypeName is not null;
        if (whole && value.TryGetValue("metadata", out object? metadata))
        {
            value["metadata"] = EmbeddedMetadata.Decode(metadata, schema.Field("metadata")!.Schema, "metadata", unknown);
        }

        CustomPruning.Run(value, schema, unknown);
        EmbeddedMetadata.DecodeAll(value, schema, unknown);
    }
}
