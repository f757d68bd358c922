namespace KubeLite.Kubelet.Drivers;

/// <summary>What part a container has in its Pod.</summary>
public enum ContainerKind
{
    /// <summary>Runs to its end before the next one starts.</summary>
    Init,

    /// <summary>An init container with restartPolicy Always: runs beside the Pod's containers.</summary>
    Sidecar,

    /// <summary>One of the Pod's containers.</summary>
    Main,

    /// <summary>Added to a running Pod for debugging.</summary>
    Ephemeral,
}
