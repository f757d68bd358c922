using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Objects;

/// <summary>Namespace and name of an object; the namespace is empty for a cluster-scoped one.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object with this metadata.</summary>
    public static ObjectKey Of(V1ObjectMeta metadata) => new(metadata.NamespaceProperty ?? "", metadata.Name);

    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IMetadata<V1ObjectMeta> item) => Of(item.Metadata);

    /// <summary><c>namespace/name</c>, or <c>name</c> alone.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
