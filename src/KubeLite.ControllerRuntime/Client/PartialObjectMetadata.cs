using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>An object of any kind, of which only the metadata is fetched (meta/v1).</summary>
public sealed record PartialObjectMetadata : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>What the server says; in a list the item's own kind is not repeated.</summary>
    public string ApiVersion { get; set; } = "meta.k8s.io/v1";

    /// <inheritdoc cref="ApiVersion"/>
    public string Kind { get; set; } = "PartialObjectMetadata";

    /// <summary>The object's metadata.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();
}
