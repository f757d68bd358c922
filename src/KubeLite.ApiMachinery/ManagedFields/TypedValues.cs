using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>How a value is taken apart, by its schema and, where that leaves it open, by the value itself.</summary>
internal enum Shape
{
    /// <summary>One value: a scalar, an atomic list or map.</summary>
    Leaf,

    /// <summary>A list whose items are told apart.</summary>
    List,

    /// <summary>A map or object whose members are owned one by one.</summary>
    Map,
}

/// <summary>What the walks over typed values share. Absent values are <see cref="Absent"/>: null is a value of its own.</summary>
internal static class TypedValues
{
    /// <summary>Stands for a value that isn't there.</summary>
    public static readonly object Absent = new();

    /// <summary>A value without a schema: maps are owned by member, lists are one value.</summary>
    public static readonly Schema Deduced = new(ValueKind.Any) { PreserveUnknown = true };

    public static Shape ShapeOf(Schema schema, object? value) => schema.Kind switch
    {
        // A custom resource's value may be of a wrong type until validation refuses it.
        _ when schema.Custom && IsOfOtherKind(schema, value) => Shape.Leaf,
        ValueKind.Object or ValueKind.Map => schema.AtomicMap ? Shape.Leaf : Shape.Map,
        ValueKind.List => schema.ListType == ListType.Atomic ? Shape.Leaf : Shape.List,
        // An embedded object that nothing describes; built-in types hold such a value as one.
        ValueKind.Any when ReferenceEquals(schema, Deduced) => value is JsonMap ? Shape.Map : Shape.Leaf,
        _ => Shape.Leaf,
    };

    /// <summary>The step to a map's member, its schema, and whether the schema names it as a field.</summary>
    public static (PathElement Step, Schema Schema, bool Declared) Member(Schema schema, string name)
    {
        if (schema.TryGetField(name, out SchemaField? field))
        {
            return (new(field.PathText), field.Schema, true);
        }

        return (PathElement.Field(name), schema.Kind == ValueKind.List ? Deduced : schema.Element ?? Deduced, false);
    }

    public static Schema Item(Schema schema) => schema.Element ?? Deduced;

    public static bool IsEmptyMap(object? value) => value is null || ReferenceEquals(value, Absent) || value is JsonMap { Count: 0 };

    public static bool IsEmptyList(object? value) => value is null || ReferenceEquals(value, Absent) || value is JsonList { Count: 0 };

    private static bool IsOfOtherKind(Schema schema, object? value) =>
        value is not null && !ReferenceEquals(value, Absent) && schema.Kind switch
        {
            ValueKind.Object or ValueKind.Map => value is not JsonMap,
            ValueKind.List => value is not JsonList,
            _ => false,
        };
}
