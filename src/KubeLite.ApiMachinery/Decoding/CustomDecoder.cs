using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Brings a parsed custom resource into its schema's form, in place: members that the schema doesn't name are taken out,
/// metadata (its own and that of embedded resources) is decoded as what it is. Values of wrong types stay: validation
/// reports them (apiextensions' <c>schema/pruning</c> and <c>schema/objectmeta</c> of v1.36).
/// </summary>
public sealed class CustomDecoder
{
    private readonly List<string> _unknown = [];
    private readonly StringBuilder _path = new();

    private CustomDecoder() { }

    /// <summary>Decodes an object.</summary>
    /// <param name="value">The parsed object; it is changed.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="unknown">Gets the paths of members that the schema doesn't name, in order.</param>
    /// <exception cref="DecodeException">Its metadata can't be read.</exception>
    public static void Decode(JsonMap value, Schema schema, List<string> unknown)
    {
        var decoder = new CustomDecoder();
        decoder.Prune(value, schema);
        decoder._unknown.Sort(StringComparer.Ordinal);
        unknown.AddRange(decoder._unknown);
    }

    private void Prune(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map when schema.Kind == ValueKind.Object:
                PruneObject(map, schema);
                break;
            case JsonMap map when schema.Kind == ValueKind.Map:
                for (int i = 0; i < map.Count; i++)
                {
                    int mark = Push(map.At(i).Key);
                    Prune(map.At(i).Value, schema.Element!);
                    _path.Length = mark;
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List:
                for (int i = 0; i < list.Count; i++)
                {
                    int mark = _path.Length;
                    _path.Append('[').Append(i).Append(']');
                    Prune(list[i], schema.Element!);
                    _path.Length = mark;
                }

                break;
        }
    }

    private void PruneObject(JsonMap map, Schema schema)
    {
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            int mark = Push(name);
            if (schema.TryGetField(name, out SchemaField? field))
            {
                if (field.Schema.Custom)
                {
                    Prune(value, field.Schema);
                }
                else if (value is null)
                {
                    map.Remove(name);
                    i--;
                }
                else
                {
                    Coerce(name, value, field.Schema);
                }
            }
            else if (!schema.PreserveUnknown)
            {
                // Kubernetes takes members beside spec and metadata away without a word.
                if (mark > 0)
                {
                    _unknown.Add(_path.ToString());
                }

                map.Remove(name);
                i--;
            }

            _path.Length = mark;
        }
    }

    /// <summary>Decodes what every API object has: apiVersion, kind and metadata.</summary>
    private void Coerce(string name, object value, Schema schema)
    {
        if (schema.Kind == ValueKind.String)
        {
            if (value is not string)
            {
                throw new DecodeException($"{_path}: Invalid value: {Errors.FieldError.Show(value)}: must be a string");
            }

            return;
        }

        if (value is not JsonMap metadata)
        {
            throw new DecodeException($"{_path}: Invalid value: {Errors.FieldError.Show(value)}: json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type v1.ObjectMeta");
        }

        var unknown = new List<string>();
        SchemaDecoder.Decode(metadata, schema, unknown);
        _unknown.AddRange(unknown.Select(u => $"{_path}.{u}"));
        Normalizer.Normalize(metadata, schema);
    }

    private int Push(string name)
    {
        int mark = _path.Length;
        if (mark > 0)
        {
            _path.Append('.');
        }

        _path.Append(name);
        return mark;
    }
}
