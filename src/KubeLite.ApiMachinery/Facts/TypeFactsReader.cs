namespace KubeLite.ApiMachinery.Facts;

/// <summary>Reads <c>types.facts</c>; docs/facts.md describes its form.</summary>
internal static class TypeFactsReader
{
    private static readonly Dictionary<string, ValueKind> s_special = new(StringComparer.Ordinal)
    {
        ["io.k8s.apimachinery.pkg.api.resource.Quantity"] = ValueKind.Quantity,
        ["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = ValueKind.IntOrString,
        ["io.k8s.apimachinery.pkg.apis.meta.v1.Time"] = ValueKind.Time,
        ["io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"] = ValueKind.MicroTime,
        ["io.k8s.apimachinery.pkg.apis.meta.v1.Duration"] = ValueKind.Duration,
        ["io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1"] = ValueKind.FieldsV1,
        ["io.k8s.apimachinery.pkg.runtime.RawExtension"] = ValueKind.RawExtension,
        ["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"] = ValueKind.Any,
        ["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool"] = ValueKind.Any,
        ["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray"] = ValueKind.Any,
        ["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray"] = ValueKind.Any,
    };

    private static readonly Schema s_string = new(ValueKind.String);
    private static readonly Schema s_int32 = new(ValueKind.Int32);
    private static readonly Schema s_int64 = new(ValueKind.Int64);
    private static readonly Schema s_boolean = new(ValueKind.Boolean);
    private static readonly Schema s_double = new(ValueKind.Double);
    private static readonly Schema s_bytes = new(ValueKind.Bytes);
    private static readonly Schema s_any = new(ValueKind.Any);

    public static Dictionary<string, Schema> Read(TextReader text)
    {
        var heads = new List<(Schema Type, List<string> Lines)>();
        var types = new Dictionary<string, Schema>(1024, StringComparer.Ordinal);
        List<string>? fields = null;
        using (text)
        {
            while (text.ReadLine() is string line)
            {
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                if (line[0] != ' ')
                {
                    Schema type = Head(line);
                    fields = [];
                    heads.Add((type, fields));
                    types.Add(type.TypeName!, type);
                }
                else
                {
                    fields!.Add(line);
                }
            }
        }

        foreach ((Schema type, List<string> lines) in heads)
        {
            if (type.Kind == ValueKind.Object)
            {
                type.Fields = lines.ConvertAll(l => Field(l, types));
            }
        }

        return types;
    }

    private static Schema Head(string line)
    {
        string[] parts = line.Split(' ');
        string name = parts[1];
        string protobuf = name.Replace("io.k8s.", "k8s.io.", StringComparison.Ordinal).Replace('-', '_');
        var kinds = new List<GroupVersionKind>();
        string[] required = [];
        bool atomic = false;
        string? unions = null;
        foreach (string part in parts.AsSpan(2))
        {
            (string key, string value) = Split(part);
            switch (key)
            {
                case "p":
                    protobuf = value;
                    break;
                case "g":
                    foreach (string gvk in value.Split(','))
                    {
                        string[] p = gvk.Split('/');
                        kinds.Add(new(p[0], p[1], p[2]));
                    }

                    break;
                case "r":
                    required = value.Split(',');
                    break;
                case "mt":
                    atomic = value == "atomic";
                    break;
                case "u":
                    unions = value;
                    break;
            }
        }

        ValueKind kind = s_special.TryGetValue(name, out ValueKind special) ? special : ValueKind.Object;
        return new Schema(kind)
        {
            TypeName = name,
            ProtobufName = protobuf,
            Kinds = kinds,
            Required = required,
            AtomicMap = atomic,
            Unions = unions,
        };
    }

    private static SchemaField Field(string line, Dictionary<string, Schema> types)
    {
        // The default stands last and is JSON, so it may hold spaces.
        string? schemaDefault = null;
        int at = line.IndexOf(" d=", StringComparison.Ordinal);
        if (at >= 0)
        {
            schemaDefault = line[(at + 3)..];
            line = line[..at];
        }

        string[] parts = line.Split(' ');
        ListType list = ListType.Atomic;
        string[] keys = [];
        bool atomicMap = false, merges = false, retains = false, replaces = false;
        string? mergeKey = null, listType = null, mapType = null;
        foreach (string part in parts.AsSpan(5))
        {
            (string key, string value) = Split(part);
            switch (key)
            {
                case "lt":
                    listType = value;
                    list = value switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic };
                    break;
                case "lk":
                    keys = value.Split(',');
                    break;
                case "mt":
                    mapType = value;
                    atomicMap = value == "atomic";
                    break;
                case "ps":
                    merges = value.Contains("merge", StringComparison.Ordinal);
                    retains = value.Contains("retainKeys", StringComparison.Ordinal);
                    replaces = value == "replace";
                    break;
                case "pk":
                    mergeKey = value;
                    break;
            }
        }

        return new SchemaField(parts[1], Value(parts[3], types, list, keys, atomicMap))
        {
            WirePath = parts[2] == "-" ? [] : Array.ConvertAll(parts[2].Split('.'), int.Parse),
            Empty = parts[4] switch
            {
                "vo" => EmptyRule.OmitEmpty,
                "vz" => EmptyRule.OmitZero,
                "va" => EmptyRule.Always,
                "pa" => EmptyRule.OptionalNull,
                _ => EmptyRule.Optional,
            },
            PatchMerges = merges,
            PatchRetainsKeys = retains,
            PatchReplaces = replaces,
            PatchMergeKey = mergeKey,
            StatedListType = listType,
            StatedMapType = mapType,
            SchemaDefault = schemaDefault,
        };
    }

    private static Schema Value(string type, Dictionary<string, Schema> types, ListType list, string[] keys, bool atomicMap)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new Schema(ValueKind.List) { Element = Value(type[2..], types, default, [], false), ListType = list, ListKeys = keys };
        }

        if (type.StartsWith("{}", StringComparison.Ordinal))
        {
            return new Schema(ValueKind.Map) { Element = Value(type[2..], types, default, [], false), AtomicMap = atomicMap };
        }

        return type switch
        {
            "s" => s_string,
            "i32" => s_int32,
            "i64" => s_int64,
            "b" => s_boolean,
            "f64" => s_double,
            "y" => s_bytes,
            "o" => s_any,
            _ => types[type[1..]],
        };
    }

    private static (string Key, string Value) Split(string part)
    {
        int at = part.IndexOf('=');
        return (part[..at], part[(at + 1)..]);
    }
}
