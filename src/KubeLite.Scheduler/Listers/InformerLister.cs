using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Informers;

namespace KubeLite.Scheduler.Listers;

/// <summary>Reads from an informer's cache.</summary>
internal sealed class InformerLister<T>(SharedInformer<T> informer) : IObjectLister<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    public T? Find(string ns, string name) => informer.Store.Get(ns, name);

    /// <inheritdoc/>
    public IEnumerable<T> List(string? ns) => ns is null ? informer.Store.List() : informer.Store.ListNamespace(ns);
}
