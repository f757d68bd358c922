using System.Diagnostics.CodeAnalysis;

namespace KubeLite.ApiMachinery.Facts;

/// <summary>
/// The description of one value: a built-in type's facts or a custom resource's schema. All generic code (decode,
/// prune, default, patch, apply, encode) is written over it. Immutable once the registry that made it is complete.
/// </summary>
public sealed class Schema
{
    private Dictionary<string, SchemaField>? _byName;
    private SchemaField[] _fields = [];
    private string? _shortName;
    private string[]? _orderedKeys;

    /// <summary>A description of values of a kind.</summary>
    public Schema(ValueKind kind) => Kind = kind;

    /// <summary>What the value is.</summary>
    public ValueKind Kind { get; init; }

    /// <summary>The full name of a built-in type (<c>io.k8s.api.core.v1.Pod</c>); null for others.</summary>
    public string? TypeName { get; init; }

    /// <summary>The name of the protobuf message; null where there is none.</summary>
    public string? ProtobufName { get; init; }

    /// <summary>The groups, versions and kinds that a built-in type serves.</summary>
    public IReadOnlyList<GroupVersionKind> Kinds { get; init; } = [];

    /// <summary>The fields of an object, in wire order.</summary>
    public IReadOnlyList<SchemaField> Fields
    {
        get => _fields;
        set
        {
            _fields = [.. value];
            _byName = value.Count > 8 ? value.ToDictionary(f => f.Name, StringComparer.Ordinal) : null;
        }
    }

    /// <summary>The same, for code that runs for every object.</summary>
    internal ReadOnlySpan<SchemaField> FieldSpan => _fields;

    /// <summary>The names of the fields that the published schema requires.</summary>
    public IReadOnlyList<string> Required { get; set; } = [];

    /// <summary>The item of a list, the value of a map, or what members of an object are that <see cref="Fields"/> doesn't name.</summary>
    public Schema? Element { get; init; }

    /// <summary>How the items of a list are told apart.</summary>
    public ListType ListType { get; init; }

    /// <summary>The fields that tell the items of a <see cref="Facts.ListType.Map"/> apart.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>The same keys in order of their names.</summary>
    internal string[] OrderedListKeys => _orderedKeys ??= [.. ListKeys.Order(StringComparer.Ordinal)];

    /// <summary>True where an object or map is owned and replaced as one value.</summary>
    public bool AtomicMap { get; init; }

    /// <summary>True where members that the schema doesn't name are kept.</summary>
    public bool PreserveUnknown { get; init; }

    /// <summary>True where an object holds a whole API object (apiVersion, kind, metadata).</summary>
    public bool EmbeddedResource { get; init; }

    /// <summary>True where null is a value of a custom resource's field.</summary>
    public bool Nullable { get; init; }

    /// <summary>
    /// True for a value of a custom resource: wrong types are left for validation to report, members are in order of
    /// their names, and nothing is written for what is absent.
    /// </summary>
    public bool Custom { get; init; }

    /// <summary>What an absent value of a custom resource becomes; null for none.</summary>
    public object? Default { get; init; }

    /// <summary>The schema that a custom resource's definition publishes, as JSON; null for others.</summary>
    public string? Published { get; init; }

    /// <summary>The unions of fields that a built-in type publishes, as JSON; null where it has none.</summary>
    public string? Unions { get; init; }

    /// <summary>Finds a field by its JSON name.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out SchemaField? field)
    {
        if (_byName is not null)
        {
            return _byName.TryGetValue(name, out field);
        }

        foreach (SchemaField candidate in _fields)
        {
            if (candidate.Name == name)
            {
                field = candidate;
                return true;
            }
        }

        field = null;
        return false;
    }

    /// <summary>The field of that name; null where there is none.</summary>
    public SchemaField? Field(string name) => TryGetField(name, out SchemaField? field) ? field : null;

    /// <summary>The description of a member of an object or map; null where none describes it.</summary>
    public Schema? Member(string name) =>
        TryGetField(name, out SchemaField? field) ? field.Schema : Kind == ValueKind.List ? null : Element;

    /// <summary>The same description, but of a value whose members that it doesn't name are kept.</summary>
    public Schema Keeping() => PreserveUnknown ? this : new Schema(Kind)
    {
        Fields = Fields,
        Element = Element,
        PreserveUnknown = true,
        EmbeddedResource = EmbeddedResource,
        Nullable = Nullable,
        Custom = Custom,
    };

    /// <summary>True for what is neither object, list nor map.</summary>
    public bool IsScalar => Kind is not (ValueKind.Object or ValueKind.List or ValueKind.Map);

    /// <summary>The name that Go gives the value's type in its decoding errors.</summary>
    public string GoTypeName => Kind switch
    {
        ValueKind.String => "string",
        ValueKind.Int32 => "int32",
        ValueKind.Int64 => "int64",
        ValueKind.Boolean => "bool",
        ValueKind.Double => "float64",
        ValueKind.Bytes => "[]uint8",
        ValueKind.List => "[]" + Element!.GoTypeName,
        ValueKind.Map => Element!.Kind == ValueKind.Quantity ? "v1.ResourceList" : "map[string]" + Element.GoTypeName,
        _ => TypeName is null ? "object" : PackageAndName(TypeName),
    };

    /// <summary>The last part of the type's name.</summary>
    public string ShortName => _shortName ??= TypeName is null ? "" : TypeName[(TypeName.LastIndexOf('.') + 1)..];

    private static string PackageAndName(string name)
    {
        int last = name.LastIndexOf('.');
        int package = name.LastIndexOf('.', last - 1);
        return name[(package + 1)..];
    }
}
