using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.Running;

/// <summary>What metadata informers keep: all that owner graph and counts read, and no more.</summary>
internal static class MetadataTransform
{
    internal static PartialObjectMetadata Slim(PartialObjectMetadata item) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = item.Metadata.Name,
            NamespaceProperty = item.Metadata.NamespaceProperty,
            Uid = item.Metadata.Uid,
            ResourceVersion = item.Metadata.ResourceVersion,
            OwnerReferences = item.Metadata.OwnerReferences,
            Finalizers = item.Metadata.Finalizers,
            DeletionTimestamp = item.Metadata.DeletionTimestamp,
        },
    };
}
