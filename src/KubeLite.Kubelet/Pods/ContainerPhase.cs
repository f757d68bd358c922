namespace KubeLite.Kubelet.Pods;

/// <summary>How far a container is.</summary>
internal enum ContainerPhase
{
    /// <summary>Not started, or to be started again.</summary>
    Waiting,

    /// <summary>The driver is starting it.</summary>
    Starting,

    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>Its process has ended.</summary>
    Ended,
}
