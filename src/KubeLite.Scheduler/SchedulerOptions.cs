using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.Scheduler;

/// <summary>How a scheduler runs.</summary>
public sealed record SchedulerOptions
{
    /// <summary>How to reach the API server; null (the default) reads <see cref="Kubeconfig"/>.</summary>
    public ApiClientOptions? Client { get; init; }

    /// <summary>A kubeconfig file; read when <see cref="Client"/> is null. Empty by default.</summary>
    public string Kubeconfig { get; init; } = "";

    /// <summary>
    /// Which Lease decides which of several schedulers works; null (the default) works without asking, which is right for a
    /// single one.
    /// </summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>The name by which Pods choose this scheduler: <c>default-scheduler</c>.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>
    /// When this part of the nodes, in percent, is found feasible, no more are looked for. 0 (the default) adapts to the
    /// number of nodes: from 50 down to 5; below 100 nodes all are looked at.
    /// </summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>Where health and metrics are served; nowhere by default.</summary>
    public DiagnosticsOptions Diagnostics { get; init; } = new();
}
