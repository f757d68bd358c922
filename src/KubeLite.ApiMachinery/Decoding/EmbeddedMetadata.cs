using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Decodes what every API object has, in a custom resource and in the resources embedded in it: apiVersion, kind and metadata
/// (apiextensions' <c>schema/objectmeta</c> of v1.36).
/// </summary>
public static class EmbeddedMetadata
{
    /// <summary>Decodes the metadata of all embedded resources of a value, in place.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="unknown">Gets the paths of members of metadata that aren't known, in order.</param>
    /// <exception cref="DecodeException">Metadata can't be read.</exception>
    public static void DecodeAll(object? value, Schema schema, List<string> unknown)
    {
        var found = new List<string>();
        Walk(value, schema, null, found);
        found.Sort(StringComparer.Ordinal);
        unknown.AddRange(found);
    }

    /// <summary>Decodes metadata; null is taken for metadata that says nothing.</summary>
    /// <param name="value">The metadata.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="unknown">Gets the paths of members that aren't known.</param>
    /// <exception cref="DecodeException">It can't be read.</exception>
    public static JsonMap Decode(object? value, Schema schema, string path, List<string> unknown)
    {
        JsonMap metadata = value switch
        {
            null => new JsonMap(),
            JsonMap map => map,
            _ => throw new DecodeException($"json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type v1.ObjectMeta"),
        };
        var own = new List<string>();
        SchemaDecoder.Decode(metadata, schema, own);
        unknown.AddRange(own.Select(u => $"{path}.{u}"));
        Normalizer.Normalize(metadata, schema);
        return metadata;
    }

    private static void Walk(object? value, Schema schema, FieldPath? path, List<string> unknown)
    {
        switch (value)
        {
            case JsonMap map:
                for (int i = 0; i < map.Count; i++)
                {
                    var (name, member) = map.At(i);
                    bool named = schema.TryGetField(name, out SchemaField? field);
                    if (named && schema.EmbeddedResource && !field!.Schema.Custom)
                    {
                        map.SetAt(i, Own(name, member, field.Schema, path.Under(name), unknown));
                    }
                    else if (schema.Member(name) is { Custom: true } inner)
                    {
                        Walk(member, inner, named ? path.Under(name) : path.At(name), unknown);
                    }
                }

                break;
            case JsonList list when schema is { Kind: ValueKind.List, Element: { } element }:
                for (int i = 0; i < list.Count; i++)
                {
                    Walk(list[i], element, path!.Index(i), unknown);
                }

                break;
        }
    }

    private static object Own(string name, object? value, Schema schema, FieldPath path, List<string> unknown)
    {
        if (name != "metadata")
        {
            return value as string ?? throw new DecodeException(FieldError.Invalid(path, value, "must be a string").ToString());
        }

        JsonMap? before = (value as JsonMap)?.DeepCopy();
        try
        {
            return Decode(value, schema, path.ToString(), unknown);
        }
        catch (DecodeException e)
        {
            throw new DecodeException(FieldError.Invalid(path, before ?? value, e.Message).ToString());
        }
    }
}
