using k8s.Models;

namespace KubeLite.Scheduler.Listers;

/// <summary>What plugins look up besides Pods and Nodes.</summary>
internal sealed record ClusterListers
{
    /// <summary>Namespaces.</summary>
    public required IObjectLister<V1Namespace> Namespaces { get; init; }

    /// <summary>Services, for default spreading.</summary>
    public required IObjectLister<V1Service> Services { get; init; }

    /// <summary>Replication controllers, for default spreading.</summary>
    public required IObjectLister<V1ReplicationController> ReplicationControllers { get; init; }

    /// <summary>Replica sets, for default spreading.</summary>
    public required IObjectLister<V1ReplicaSet> ReplicaSets { get; init; }

    /// <summary>Stateful sets, for default spreading.</summary>
    public required IObjectLister<V1StatefulSet> StatefulSets { get; init; }

    /// <summary>Disruption budgets, which preemption tries to keep.</summary>
    public required IObjectLister<V1PodDisruptionBudget> DisruptionBudgets { get; init; }

    /// <summary>Volume claims.</summary>
    public required IObjectLister<V1PersistentVolumeClaim> Claims { get; init; }

    /// <summary>Volumes.</summary>
    public required IObjectLister<V1PersistentVolume> Volumes { get; init; }

    /// <summary>Storage classes.</summary>
    public required IObjectLister<V1StorageClass> StorageClasses { get; init; }

    /// <summary>What CSI drivers can do on each node.</summary>
    public required IObjectLister<V1CSINode> CsiNodes { get; init; }

    /// <summary>CSI drivers.</summary>
    public required IObjectLister<V1CSIDriver> CsiDrivers { get; init; }

    /// <summary>How much storage there is where.</summary>
    public required IObjectLister<V1CSIStorageCapacity> StorageCapacities { get; init; }
}
