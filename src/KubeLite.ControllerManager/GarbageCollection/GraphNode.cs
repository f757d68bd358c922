using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>An object in the graph of owners. Guarded by the graph's lock.</summary>
internal sealed class GraphNode(string uid)
{
    internal string Uid { get; } = uid;

    /// <summary>Null while the object is known only from a reference to a kind that discovery doesn't know.</summary>
    internal ResourceInfo? Resource { get; set; }

    internal string Namespace { get; set; } = "";

    internal string Name { get; set; } = "";

    /// <summary>Known from references only; no watch has shown it yet.</summary>
    internal bool Virtual { get; set; } = true;

    internal IList<V1OwnerReference> Owners { get; set; } = [];

    internal HashSet<GraphNode> Dependents { get; } = [];

    internal bool Deleting { get; set; }

    /// <summary>It is being deleted and waits for its dependents to be gone.</summary>
    internal bool DeletingDependents { get; set; }

    internal bool Blocks(string owner)
    {
        foreach (var reference in Owners)
        {
            if (reference.Uid == owner)
            {
                return reference.BlockOwnerDeletion == true;
            }
        }
        return false;
    }
}
