using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.Kubelet;

/// <summary>How a kubelet runs.</summary>
public sealed record KubeletOptions
{
    /// <summary>How to reach the API server; null (the default) reads <see cref="Kubeconfig"/>.</summary>
    public ApiClientOptions? Client { get; init; }

    /// <summary>A kubeconfig file; read when <see cref="Client"/> is null. Empty by default.</summary>
    public string Kubeconfig { get; init; } = "";

    /// <summary>What runs the containers: <c>simulated</c>, the only one so far.</summary>
    public string Driver { get; init; } = "simulated";

    /// <summary>How many nodes this process stands for: 1 by default, 1 to 16,000.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Nodes are called this, a dash and their number from 0: <c>node</c>.</summary>
    public string NodeNamePrefix { get; init; } = "node";

    /// <summary>The name of the node when there is a single one; null (the default) numbers it.</summary>
    public string? NodeName { get; init; }

    /// <summary>What a node says that it has and lets Pods have: 4 CPUs, 8 GiB, 110 Pods, 100 GiB of disk.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cpu"] = "4",
        ["memory"] = "8Gi",
        ["pods"] = "110",
        ["ephemeral-storage"] = "100Gi",
    };

    /// <summary>Labels that every node gets besides the usual ones; none by default.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether events are recorded; true by default. Large simulations may want to do without.</summary>
    public bool RecordEvents { get; init; } = true;

    /// <summary>How often a node renews its Lease: 10 s. The Lease holds four times as long.</summary>
    public TimeSpan LeaseInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a node reports an unchanged status: 5 min.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where logs, health and metrics are served; nowhere by default.</summary>
    public DiagnosticsOptions Server { get; init; } = new();
}
