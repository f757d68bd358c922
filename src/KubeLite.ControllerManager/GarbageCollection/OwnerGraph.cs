using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>
/// Who owns whom, kept by the events of metadata watches, and what follows from each event (pkg/controller/garbagecollector
/// graph builder). Thread-safe.
/// </summary>
internal sealed class OwnerGraph(Action<GcKey> enqueue, Func<string, string, ResourceInfo?> resourceOf)
{
    internal const string ForegroundFinalizer = "foregroundDeletion";
    internal const string OrphanFinalizer = "orphan";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);

    /// <summary>A snapshot of a node for work outside the lock.</summary>
    internal sealed record Entry(
        ResourceInfo? Resource, string Namespace, string Name, bool Virtual, bool Deleting, bool DeletingDependents);

    internal Entry? Find(string uid)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(uid, out var n)
                ? new Entry(n.Resource ?? Resolve(n), n.Namespace, n.Name, n.Virtual, n.Deleting, n.DeletingDependents)
                : null;
        }
    }

    /// <summary>The dependents of an object: uid, where they are, and whether they hold up its deletion.</summary>
    internal List<(string Uid, Entry Entry, bool Blocks)> Dependents(string uid)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(uid, out var node)
                ? [.. node.Dependents.Select(
                    n => (n.Uid, new Entry(n.Resource, n.Namespace, n.Name, n.Virtual, n.Deleting, n.DeletingDependents), n.Blocks(uid)))]
                : [];
        }
    }

    /// <summary>An object appeared or changed.</summary>
    internal void Set(ResourceInfo resource, V1ObjectMeta metadata)
    {
        lock (_lock)
        {
            var node = GetOrAdd(metadata.Uid);
            node.Resource = resource;
            node.Namespace = metadata.NamespaceProperty ?? "";
            node.Name = metadata.Name;
            node.Virtual = false;
            SetOwners(node, metadata.OwnerReferences ?? []);
            var deleting = metadata.DeletionTimestamp is not null;
            var foreground = deleting && metadata.Finalizers?.Contains(ForegroundFinalizer) == true;
            if (deleting && !node.Deleting)
            {
                // An owner that waits for its dependents may go on once this one is on its way.
                EnqueueWaitingOwners(node);
            }
            if (deleting && metadata.Finalizers?.Contains(OrphanFinalizer) == true)
            {
                enqueue(new GcKey(GcAction.Orphan, node.Uid));
            }
            if (foreground && !node.DeletingDependents)
            {
                node.DeletingDependents = true;
                enqueue(new GcKey(GcAction.Delete, node.Uid));
                EnqueueDependents(node);
            }
            node.Deleting = deleting;
            node.DeletingDependents = foreground;
        }
    }

    /// <summary>An object is gone, or was found never to have been.</summary>
    internal void Remove(string uid)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(uid, out var node))
            {
                return;
            }
            EnqueueDependents(node);
            EnqueueWaitingOwners(node);
            SetOwners(node, []);
            if (node.Dependents.Count == 0)
            {
                _nodes.Remove(uid);
            }
            else
            {
                // Its dependents still name it; it goes when they do.
                node.Virtual = true;
                node.Deleting = false;
                node.DeletingDependents = false;
            }
        }
    }

    /// <summary>Looks again for owners of kinds that nobody served before.</summary>
    internal void RetryUnresolved()
    {
        lock (_lock)
        {
            foreach (var node in _nodes.Values)
            {
                if (node is { Virtual: true, Resource: null })
                {
                    enqueue(new GcKey(GcAction.Delete, node.Uid));
                }
            }
        }
    }

    private void SetOwners(GraphNode node, IList<V1OwnerReference> owners)
    {
        foreach (var old in node.Owners)
        {
            if (!owners.Any(o => o.Uid == old.Uid) && _nodes.TryGetValue(old.Uid, out var owner))
            {
                owner.Dependents.Remove(node);
                if (owner.DeletingDependents)
                {
                    enqueue(new GcKey(GcAction.Delete, owner.Uid));
                }
                if (owner is { Virtual: true, Dependents.Count: 0 })
                {
                    _nodes.Remove(owner.Uid);
                }
            }
        }
        foreach (var reference in owners)
        {
            if (string.IsNullOrEmpty(reference.Uid))
            {
                continue;
            }
            var known = _nodes.TryGetValue(reference.Uid, out var owner);
            owner ??= GetOrAdd(reference.Uid);
            var added = owner.Dependents.Add(node);
            if (!known)
            {
                owner.Resource = resourceOf(reference.ApiVersion, reference.Kind);
                owner.Name = reference.Name;
                owner.Namespace = owner.Resource?.Namespaced == false ? "" : node.Namespace;
                // Nobody has seen this owner: find out whether it is there at all.
                enqueue(new GcKey(GcAction.Delete, owner.Uid));
            }
            else if (added && (owner.DeletingDependents || owner.Virtual))
            {
                enqueue(new GcKey(GcAction.Delete, node.Uid));
            }
        }
        var changed = !node.Virtual && node.Owners.Count > 0 && !SameOwners(node.Owners, owners);
        node.Owners = owners;
        if (changed)
        {
            // Perhaps the last owner that is there was taken out.
            enqueue(new GcKey(GcAction.Delete, node.Uid));
            EnqueueWaitingOwners(node);
        }
    }

    private static bool SameOwners(IList<V1OwnerReference> a, IList<V1OwnerReference> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }
        for (var i = 0; i < a.Count; i++)
        {
            if (a[i].Uid != b[i].Uid || a[i].BlockOwnerDeletion != b[i].BlockOwnerDeletion)
            {
                return false;
            }
        }
        return true;
    }

    private void EnqueueDependents(GraphNode node)
    {
        foreach (var dependent in node.Dependents)
        {
            enqueue(new GcKey(GcAction.Delete, dependent.Uid));
        }
    }

    private void EnqueueWaitingOwners(GraphNode node)
    {
        foreach (var reference in node.Owners)
        {
            if (_nodes.TryGetValue(reference.Uid, out var owner) && owner.DeletingDependents)
            {
                enqueue(new GcKey(GcAction.Delete, owner.Uid));
            }
        }
    }

    private ResourceInfo? Resolve(GraphNode node)
    {
        foreach (var dependent in node.Dependents)
        {
            foreach (var reference in dependent.Owners)
            {
                if (reference.Uid == node.Uid && resourceOf(reference.ApiVersion, reference.Kind) is { } resource)
                {
                    node.Namespace = resource.Namespaced ? dependent.Namespace : "";
                    return node.Resource = resource;
                }
            }
        }
        return null;
    }

    private GraphNode GetOrAdd(string uid)
    {
        if (!_nodes.TryGetValue(uid, out var node))
        {
            _nodes.Add(uid, node = new GraphNode(uid));
        }
        return node;
    }
}
