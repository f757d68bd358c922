using k8s.Models;

namespace KubeLite.ControllerManager.Running;

/// <summary>What is kept of metadata that is watched for itself: all that owner graph and counts read, and no more.</summary>
internal static class MetadataTrim
{
    internal static void Slim(V1ObjectMeta metadata)
    {
        metadata.Labels = null;
        metadata.Annotations = null;
        metadata.GenerateName = null;
        metadata.CreationTimestamp = null;
    }
}
