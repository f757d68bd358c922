using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerManager;

/// <summary>How a controller manager runs; defaults are kube-controller-manager's of v1.36 unless said otherwise.</summary>
public sealed record ControllerManagerOptions
{
    /// <summary>A kubeconfig file. One of this and <see cref="Connection"/> must be set.</summary>
    public string? KubeconfigFile { get; init; }

    /// <summary>The connection itself, for hosts that have it. Wins over <see cref="KubeconfigFile"/>.</summary>
    public ApiClientOptions? Connection { get; init; }

    /// <summary>Where it logs.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether to run only while holding the Lease. Default true.</summary>
    public bool LeaderElect { get; init; } = true;

    /// <summary>The Lease's namespace. Default <c>kube-system</c>.</summary>
    public string LeaseNamespace { get; init; } = "kube-system";

    /// <summary>The Lease's name. Default <c>kube-controller-manager</c>.</summary>
    public string LeaseName { get; init; } = "kube-controller-manager";

    /// <summary>How long a leader is followed without a sign of life. Default 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After how long without renewal a leader gives up. Default 10 seconds.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between attempts to lead or renew. Default 2 seconds.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Which controllers run: names, <c>-name</c>, and <c>*</c> for those on by default. Default <c>*</c>.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = ["*"];

    /// <summary>Where health and metrics are served. Default: nowhere; the executable's default is port 10257.</summary>
    public DiagnosticsOptions Diagnostics { get; init; } = new();

    /// <summary>How many objects of one kind each workload controller works on at once. Default 5.</summary>
    public int ConcurrentSyncs { get; init; } = 5;

    /// <summary>PEM of the authorities that go into every namespace. Null: those of the connection.</summary>
    public string? RootCaFile { get; init; }

    /// <summary>PEM private key that signs legacy token Secrets. Null: such Secrets stay without a token.</summary>
    public string? ServiceAccountPrivateKeyFile { get; init; }

    /// <summary>PEM certificate of the authority that signs certificate requests. Null: none are signed.</summary>
    public string? ClusterSigningCertFile { get; init; }

    /// <summary>PEM private key to <see cref="ClusterSigningCertFile"/>.</summary>
    public string? ClusterSigningKeyFile { get; init; }

    /// <summary>The longest life of a signed certificate. Default one year.</summary>
    public TimeSpan ClusterSigningDuration { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long a node may be silent before it counts as gone. Default 50 seconds.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>Whether nodes get Pod address ranges out of <see cref="ClusterCidrs"/>. Default false.</summary>
    public bool AllocateNodeCidrs { get; init; }

    /// <summary>The cluster's Pod address ranges, at most one per family.</summary>
    public IReadOnlyList<string> ClusterCidrs { get; init; } = [];

    /// <summary>The prefix length of a node's IPv4 range. Default 24.</summary>
    public int NodeCidrMaskSizeIPv4 { get; init; } = 24;

    /// <summary>The prefix length of a node's IPv6 range. Default 64.</summary>
    public int NodeCidrMaskSizeIPv6 { get; init; } = 64;

    /// <summary>How many ended Pods may stay before the oldest are deleted; 0 or less: any number. Default 12500.</summary>
    public int TerminatedPodGCThreshold { get; init; } = 12500;

    /// <summary>The most endpoints in one EndpointSlice, 1 to 1000. Default 100.</summary>
    public int MaxEndpointsPerSlice { get; init; } = 100;
}
