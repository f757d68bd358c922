namespace KubeLite.Kubelet.Drivers;

/// <summary>What can happen to a container.</summary>
public enum ContainerChange
{
    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>It has become ready to serve.</summary>
    Ready,

    /// <summary>It has ceased to be ready.</summary>
    NotReady,

    /// <summary>Its process has ended. The last report of a container.</summary>
    Exited,
}
