using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Objects;

/// <summary>Owner references (Kubernetes documentation, "Owners and Dependents").</summary>
public static class OwnerReferences
{
    /// <summary>The reference that is marked as the controller, or null.</summary>
    public static V1OwnerReference? ControllerOf(IMetadata<V1ObjectMeta> item) => ControllerOf(item.Metadata);

    /// <summary>The reference that is marked as the controller, or null.</summary>
    public static V1OwnerReference? ControllerOf(V1ObjectMeta metadata)
    {
        var owners = metadata.OwnerReferences;
        for (var i = 0; i < (owners?.Count ?? 0); i++)
        {
            if (owners![i].Controller == true)
            {
                return owners[i];
            }
        }
        return null;
    }

    /// <summary>Whether <paramref name="owner"/> is the controller of <paramref name="item"/>.</summary>
    public static bool IsControlledBy(IMetadata<V1ObjectMeta> item, IMetadata<V1ObjectMeta> owner) =>
        ControllerOf(item)?.Uid is { } uid && uid == owner.Metadata.Uid;

    /// <summary>A reference that makes <paramref name="owner"/> the controller and holds up its foreground deletion.</summary>
    public static V1OwnerReference NewController(IMetadata<V1ObjectMeta> owner, string apiVersion, string kind) => new()
    {
        ApiVersion = apiVersion,
        Kind = kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
