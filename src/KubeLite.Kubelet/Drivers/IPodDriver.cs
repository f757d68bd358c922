using k8s.Models;
using KubeLite.Kubelet.Nodes;

namespace KubeLite.Kubelet.Drivers;

/// <summary>
/// Runs Pods on behalf of the kubelet. The kubelet decides what runs when; the driver carries it out and reports what
/// happens. Thread-safe; calls for one Pod come one at a time.
/// </summary>
/// <remarks>
/// The contract that every driver keeps: creating a sandbox is idempotent; a started container is reported Running, then
/// perhaps Ready, and in the end Exited exactly once; reports may come before the call that causes them returns. Errors are
/// thrown as <see cref="PodDriverException"/> and the call is repeated after a back-off.
/// </remarks>
public interface IPodDriver : IAsyncDisposable
{
    /// <summary>Runtime and version for the Node's status, for example <c>containerd://2.0.0</c>.</summary>
    string RuntimeVersion { get; }

    /// <summary>Tells the driver whom to report to. Called once, before anything else.</summary>
    void Observe(IContainerObserver observer);

    /// <summary>
    /// Has nobody else get the address that a Pod already has, from an earlier life of the kubelet. Called when the Pod becomes
    /// known, before its sandbox is asked for; does nothing for a Pod without one.
    /// </summary>
    void KeepAddress(NodeIdentity node, V1Pod pod);

    /// <summary>Makes the surroundings of a Pod, or finds them again.</summary>
    /// <param name="node">The node that the Pod is on.</param>
    /// <param name="pod">The Pod; an address in its status is kept where that is possible.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<PodSandbox> EnsureSandboxAsync(NodeIdentity node, V1Pod pod, CancellationToken cancellationToken);

    /// <summary>Starts a container, which includes getting its image.</summary>
    ValueTask<ContainerHandle> StartContainerAsync(ContainerStart start, CancellationToken cancellationToken);

    /// <summary>
    /// Finds a container again that ran when the kubelet was last stopped; false when it is gone. What happened to it since
    /// is reported.
    /// </summary>
    /// <param name="start">The container as it was started.</param>
    /// <param name="containerId">Its identity.</param>
    /// <param name="startedAt">When it was started.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<bool> AdoptContainerAsync(
        ContainerStart start, string containerId, DateTimeOffset startedAt, CancellationToken cancellationToken);

    /// <summary>Asks a container to end, and makes it end after the grace period. Its end is reported.</summary>
    /// <param name="containerId">The container; one that has ended is left alone.</param>
    /// <param name="grace">How long it may take; zero ends it at once.</param>
    /// <param name="cancellationToken">Ends the call, not the stopping.</param>
    ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Removes what is left of a Pod whose containers have ended.</summary>
    ValueTask RemovePodAsync(NodeIdentity node, V1Pod pod, CancellationToken cancellationToken);

    /// <summary>Writes a container's log.</summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="containerId">Which of its runs.</param>
    /// <param name="request">Which part.</param>
    /// <param name="output">Where to; UTF-8 lines.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task WriteLogAsync(
        V1Pod pod, string container, string containerId, LogRequest request, Stream output, CancellationToken cancellationToken);
}
