namespace KubeLite.Scheduler.Events;

/// <summary>How it changed, as precisely as could be told.</summary>
[Flags]
internal enum EventAction
{
    /// <summary>Nothing that matters.</summary>
    None = 0,

    /// <summary>It came.</summary>
    Add = 1,

    /// <summary>It went.</summary>
    Delete = 2,

    /// <summary>A Node's allocatable resources.</summary>
    UpdateNodeAllocatable = 4,

    /// <summary>A Node's labels.</summary>
    UpdateNodeLabel = 8,

    /// <summary>A Node's taints, or whether it is unschedulable.</summary>
    UpdateNodeTaint = 16,

    /// <summary>A Node's conditions.</summary>
    UpdateNodeCondition = 32,

    /// <summary>A Pod's labels.</summary>
    UpdatePodLabel = 64,

    /// <summary>A Pod needs less than before.</summary>
    UpdatePodScaleDown = 128,

    /// <summary>A Pod's tolerations.</summary>
    UpdatePodTolerations = 256,

    /// <summary>A Pod's last scheduling gate went.</summary>
    UpdatePodGatesEliminated = 512,

    /// <summary>Anything else of it.</summary>
    Update = 1024,
}
