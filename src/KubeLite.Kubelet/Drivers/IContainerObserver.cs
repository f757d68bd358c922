namespace KubeLite.Kubelet.Drivers;

/// <summary>Is told what happens to containers. Thread-safe; returns at once.</summary>
public interface IContainerObserver
{
    /// <summary>Something happened to a container of a Pod; reports of one container come in order.</summary>
    void Changed(string podUid, ContainerReport report);
}
