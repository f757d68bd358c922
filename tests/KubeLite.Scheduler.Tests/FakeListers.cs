using k8s;
using k8s.Models;
using KubeLite.Scheduler.Listers;

namespace KubeLite.Scheduler.Tests;

/// <summary>Listers over objects in memory.</summary>
internal sealed class FakeListers
{
    private readonly Dictionary<Type, object> _lists = [];

    public FakeListers() => Listers = new ClusterListers
    {
        Namespaces = Of<V1Namespace>(),
        Services = Of<V1Service>(),
        ReplicationControllers = Of<V1ReplicationController>(),
        ReplicaSets = Of<V1ReplicaSet>(),
        StatefulSets = Of<V1StatefulSet>(),
        DisruptionBudgets = Of<V1PodDisruptionBudget>(),
        Claims = Of<V1PersistentVolumeClaim>(),
        Volumes = Of<V1PersistentVolume>(),
        StorageClasses = Of<V1StorageClass>(),
        CsiNodes = Of<V1CSINode>(),
        CsiDrivers = Of<V1CSIDriver>(),
        StorageCapacities = Of<V1CSIStorageCapacity>(),
    };

    public ClusterListers Listers { get; }

    public void Add<T>(T item) where T : class, IKubernetesObject<V1ObjectMeta> => Of<T>().Items.Add(item);

    /// <summary>Does what the volume controller does with a claim whose volume is decided.</summary>
    public void Complete(V1PersistentVolumeClaim claim, string volume)
    {
        claim.Spec.VolumeName = volume;
        claim.Metadata.Annotations ??= new Dictionary<string, string>();
        claim.Metadata.Annotations["pv.kubernetes.io/bind-completed"] = "yes";
    }

    private List<T> Of<T>() where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!_lists.TryGetValue(typeof(T), out var list))
        {
            _lists[typeof(T)] = list = new List<T>();
        }

        return (List<T>)list;
    }

    private sealed class List<T> : IObjectLister<T> where T : class, IKubernetesObject<V1ObjectMeta>
    {
        public System.Collections.Generic.List<T> Items { get; } = [];

        public T? Find(string ns, string name) =>
            Items.Find(item => item.Metadata.Name == name && (item.Metadata.NamespaceProperty ?? "") == ns);

        IEnumerable<T> IObjectLister<T>.List(string? ns) =>
            ns is null ? Items : Items.FindAll(item => item.Metadata.NamespaceProperty == ns);
    }
}
