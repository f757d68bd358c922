using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>Whether a volume can be provisioned for a claim where a node can reach it.</summary>
internal sealed class Provisioning(ClusterListers listers)
{
    /// <summary>Whether there is a provisioner that may serve the node, and whether it has the space.</summary>
    public (bool Possible, bool Space) Check(V1PersistentVolumeClaim claim, V1Node node)
    {
        var storageClass = listers.StorageClasses.Find("", VolumeMatching.ClassOf(claim));
        if (storageClass is null || string.IsNullOrEmpty(storageClass.Provisioner)
            || storageClass.Provisioner == VolumeMatching.NoProvisioner || !Allowed(storageClass, node))
        {
            return (false, true);
        }

        return (true, HasSpace(claim, storageClass, node));
    }

    private static bool Allowed(V1StorageClass storageClass, V1Node node)
    {
        if (storageClass.AllowedTopologies is not { Count: > 0 } topologies)
        {
            return true;
        }

        foreach (var topology in topologies)
        {
            var matches = true;
            foreach (var expression in topology.MatchLabelExpressions ?? [])
            {
                matches &= Requirement.Of(expression.Key, "In", expression.Values).Matches(node.Metadata.Labels);
            }

            if (matches)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasSpace(V1PersistentVolumeClaim claim, V1StorageClass storageClass, V1Node node)
    {
        if (listers.CsiDrivers.Find("", storageClass.Provisioner)?.Spec?.StorageCapacity != true)
        {
            return true;
        }

        var size = VolumeMatching.Size(claim);
        foreach (var capacity in listers.StorageCapacities.List(null))
        {
            if (capacity.StorageClassName == storageClass.Metadata.Name
                && Quantities.Value(capacity.MaximumVolumeSize ?? capacity.Capacity) >= size
                && LabelMatcher.Of(capacity.NodeTopology).Matches(node.Metadata.Labels))
            {
                return true;
            }
        }

        return false;
    }
}
