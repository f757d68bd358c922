using System.Globalization;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>
/// Makes objects of any built-in kind from its facts: valid as to types and keys, otherwise at random. The same seed makes the same object.
/// </summary>
internal sealed class RandomObjects(int seed)
{
    private const int MaxDepth = 9;

    /// <summary>Few, so that two objects have items in common, and such as YAML must quote.</summary>
    private static readonly string[] s_texts =
    [
        "a", "b", "c", "web", "yes", "null", "~", "0x1f", "1e3", "007", "1.5", "true", "- a", " lead", "trail ", "a: b", "#c", "two\nlines",
        "tab\there", "ünïcode ✓",
        "quote\"s", "it's", "back\\slash", "*x", "&x", "{x", "%d", "2024-01-02", "12:30",
    ];

    private static readonly string[] s_quantities = ["1", "100m", "1Gi", "2500m", "3e3", "0", "1500Ki", "12k"];

    private readonly Random _random = new(seed);

    /// <summary>An object of a kind in the form in which it is stored.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="sent">True for the form in which a caller sends it: of its metadata only labels.</param>
    public JsonMap Of(GroupVersionKind kind, Schema schema, bool sent = false)
    {
        JsonMap map = Object(schema, 0);
        map["apiVersion"] = kind.ApiVersion;
        map["kind"] = kind.Kind;
        JsonMap metadata = map.MapAt("metadata");
        foreach (string name in metadata.Select(m => m.Key).Where(n => n == "managedFields" || (sent && n != "labels")).ToList())
        {
            metadata.Remove(name);
        }

        metadata["name"] = "x";
        SchemaDecoder.Decode(map, schema, []);
        Normalizer.Normalize(map, schema, sent);
        return map;
    }

    private JsonMap Object(Schema schema, int depth)
    {
        var map = new JsonMap();
        // What has no place in protobuf is no part of the object: the kind and version of embedded ones.
        foreach (SchemaField field in schema.Fields.Where(f => f.WirePath.Count > 0))
        {
            if (_random.NextDouble() < (depth < 2 ? 0.8 : depth < 5 ? 0.45 : 0.2) && Value(field.Schema, depth + 1) is { } value)
            {
                map[field.Name] = value;
            }
        }

        return map;
    }

    private object? Value(Schema schema, int depth)
    {
        if (depth > MaxDepth && !schema.IsScalar)
        {
            return null;
        }

        return schema.Kind switch
        {
            ValueKind.String => Text(),
            ValueKind.Int32 => (long)_random.Next(int.MinValue, int.MaxValue) >> _random.Next(32),
            ValueKind.Int64 => _random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64),
            ValueKind.Boolean => _random.Next(2) == 0,
            ValueKind.Double => _random.Next(-1000, 1000) + 0.5,
            ValueKind.Bytes => Convert.ToBase64String(Bytes()),
            ValueKind.Object => Object(schema, depth),
            ValueKind.List => List(schema, depth),
            ValueKind.Map => Map(schema, depth),
            ValueKind.Quantity => s_quantities[_random.Next(s_quantities.Length)],
            ValueKind.IntOrString => _random.Next(2) == 0 ? (long)_random.Next(-5, 70000) : "50%",
            ValueKind.Time => string.Create(
                CultureInfo.InvariantCulture,
                $"20{_random.Next(10, 40)}-0{_random.Next(1, 10)}-1{_random.Next(10)}T0{_random.Next(10)}:00:0{_random.Next(10)}Z"),
            ValueKind.MicroTime => string.Create(CultureInfo.InvariantCulture, $"2024-01-02T03:04:05.{_random.Next(1_000_000):D6}Z"),
            ValueKind.Duration => "1h0m0s",
            ValueKind.RawExtension => Raw(2),
            ValueKind.FieldsV1 => new JsonMap { { "f:spec", new JsonMap { { "f:a", new JsonMap() } } } },
            _ => Union(schema, depth),
        };
    }

    private object? Union(Schema schema, int depth)
    {
        string name = schema.ShortName;
        Schema Props() => ApiFacts.Newest.Type(schema.TypeName![..(schema.TypeName!.LastIndexOf('.') + 1)] + "JSONSchemaProps");
        bool deep = depth > 4;
        return name switch
        {
            "JSONSchemaPropsOrBool" => deep || _random.Next(2) == 0 ? _random.Next(2) == 0 : Object(Props(), depth + 3),
            "JSONSchemaPropsOrArray" => deep ? null : Object(Props(), depth + 3),
            "JSONSchemaPropsOrStringArray" => new JsonList { "a", "b" },
            _ => Raw(1),
        };
    }

    private JsonMap Raw(int depth)
    {
        var map = new JsonMap { { "n", (long)_random.Next(100) }, { "t", Text() }, { "f", _random.Next(2) == 0 } };
        if (depth > 0)
        {
            map["m"] = Raw(depth - 1);
            map["l"] = new JsonList { 1L, "x" };
        }

        return map;
    }

    private JsonList List(Schema schema, int depth)
    {
        var list = new JsonList();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        int count = _random.Next(1, 4);
        for (int i = 0; i < count; i++)
        {
            if (Value(schema.Element!, depth + 1) is not { } item)
            {
                continue;
            }

            if (item is JsonMap map)
            {
                foreach (string name in schema.ListKeys)
                {
                    map[name] = Key(schema.Element!.Field(name)!.Schema);
                }
            }

            string key = schema.ListType == ListType.Map ? string.Join('/', schema.ListKeys.Select(k => ((JsonMap)item)[k]))
                : schema.Element!.IsScalar ? JsonWriting.ToText(item) : i.ToString(CultureInfo.InvariantCulture);
            if (keys.Add(key))
            {
                list.Add(item);
            }
        }

        return list;
    }

    private object Key(Schema schema) => schema.Kind == ValueKind.String ? s_texts[_random.Next(4)] : (long)_random.Next(1, 5);

    private JsonMap Map(Schema schema, int depth)
    {
        var map = new JsonMap();
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            if (Value(schema.Element!, depth + 1) is { } value)
            {
                map[s_texts[_random.Next(12)]] = value;
            }
        }

        return map;
    }

    private string Text() => s_texts[_random.Next(s_texts.Length)];

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(1, 9)];
        _random.NextBytes(bytes);
        return bytes;
    }
}
