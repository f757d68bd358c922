namespace KubeLite.Scheduler.Events;

/// <summary>What changed in the cluster.</summary>
internal enum EventResource
{
    /// <summary>A Pod that runs on a node.</summary>
    AssignedPod,

    /// <summary>The waiting Pod itself.</summary>
    TargetPod,

    /// <summary>A Node.</summary>
    Node,

    /// <summary>A PersistentVolume.</summary>
    PersistentVolume,

    /// <summary>A PersistentVolumeClaim.</summary>
    PersistentVolumeClaim,

    /// <summary>A StorageClass.</summary>
    StorageClass,

    /// <summary>A CSINode.</summary>
    CsiNode,

    /// <summary>A CSIStorageCapacity.</summary>
    CsiStorageCapacity,

    /// <summary>A Namespace.</summary>
    Namespace,
}
