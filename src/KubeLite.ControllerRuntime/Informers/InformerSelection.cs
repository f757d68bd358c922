namespace KubeLite.ControllerRuntime.Informers;

/// <summary>The part of a resource that an informer caches.</summary>
/// <param name="Namespace">Null: all namespaces.</param>
/// <param name="LabelSelector">Null: all objects.</param>
/// <param name="FieldSelector">Null: all objects.</param>
public sealed record InformerSelection(string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null)
{
    /// <summary>Every object.</summary>
    public static InformerSelection All { get; } = new();
}
