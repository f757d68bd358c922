using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>One page of a list.</summary>
public sealed class ResourceList<T>
{
    /// <summary>The list's resource version and continue token.</summary>
    public V1ListMeta? Metadata { get; set; }

    /// <summary>The objects; the server leaves kind and apiVersion of built-in items out.</summary>
    public List<T> Items { get; set; } = [];
}
