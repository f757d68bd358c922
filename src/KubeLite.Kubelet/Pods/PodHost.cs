using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Timing;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet.Pods;

/// <summary>What all Pod workers of a process share.</summary>
/// <param name="Driver">Runs the containers.</param>
/// <param name="Api">Where status goes.</param>
/// <param name="Events">Where events go.</param>
/// <param name="Deadlines">Wakes workers at their time.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where workers log.</param>
/// <param name="Stopping">Cancelled when the process stops.</param>
internal sealed record PodHost(
    IPodDriver Driver,
    IPodApi Api,
    KubeletEvents Events,
    DeadlineQueue Deadlines,
    TimeProvider Time,
    ILogger<PodHost> Logger,
    CancellationToken Stopping);
