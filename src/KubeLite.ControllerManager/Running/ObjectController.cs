using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Running;

/// <summary>A controller whose keys are namespace and name of one kind of object.</summary>
public abstract class ObjectController(ControllerContext context, string name, int workers)
    : KeyedController<ObjectKey>(context, name, workers)
{
    /// <summary>Queues an object.</summary>
    protected void Enqueue(IMetadata<V1ObjectMeta> item) => Queue.Add(ObjectKey.Of(item.Metadata));

    /// <summary>Queues an object.</summary>
    protected void Enqueue(CachedObject item) => Queue.Add(item.Key);

    /// <summary>A handler that queues every object that changes.</summary>
    protected ResourceEventHandler<T> EnqueueChanged<T>() where T : class, IKubernetesObject<V1ObjectMeta> =>
        ResourceEventHandler<T>.Any(item => Queue.Add(item.Key));

    /// <summary>A handler that queues the controller of every object that changes, and of both where it changes hands.</summary>
    protected ResourceEventHandler<T> EnqueueOwner<T>(
        string ownerKind, Action<ObjectKey, CachedObject?, CachedObject?>? observe = null) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        void Handle(CachedObject? old, CachedObject? item)
        {
            var before = old is null ? null : OwnerReferences.ControllerOf(old.Metadata);
            var after = item is null ? null : OwnerReferences.ControllerOf(item.Metadata);
            if (before is not null && before.Kind == ownerKind && before.Uid != after?.Uid)
            {
                var key = new ObjectKey(old!.Key.Namespace, before.Name);
                observe?.Invoke(key, old, null);
                Queue.Add(key);
            }
            if (after is not null && after.Kind == ownerKind)
            {
                var key = new ObjectKey(item!.Key.Namespace, after.Name);
                observe?.Invoke(key, before?.Uid == after.Uid ? old : null, item);
                Queue.Add(key);
            }
        }
        return new ResourceEventHandler<T>(item => Handle(null, item), Handle, item => Handle(item, null));
    }
}
