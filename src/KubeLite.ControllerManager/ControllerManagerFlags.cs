using System.CommandLine;
using System.Net;
using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.ControllerManager;

/// <summary>The flags of the executable, named as kube-controller-manager's where they mean the same.</summary>
public sealed class ControllerManagerFlags
{
    private static readonly string[] s_syncs =
    [
        "cron-job", "daemonset", "deployment", "endpoint", "gc", "job", "namespace", "rc", "replicaset", "resource-quota",
        "service-endpoint", "serviceaccount-token", "statefulset",
    ];

    private readonly Option<string> _kubeconfig;
    private readonly Option<bool> _leaderElect;
    private readonly Option<TimeSpan> _leaseDuration;
    private readonly Option<TimeSpan> _renewDeadline;
    private readonly Option<TimeSpan> _retryPeriod;
    private readonly Option<string> _leaseName;
    private readonly Option<string> _leaseNamespace;
    private readonly Option<IReadOnlyList<string>> _controllers;
    private readonly Option<string> _rootCa;
    private readonly Option<string> _accountKey;
    private readonly Option<string> _signingCert;
    private readonly Option<string> _signingKey;
    private readonly Option<TimeSpan> _signingDuration;
    private readonly Option<TimeSpan> _nodeGrace;
    private readonly Option<bool> _allocateCidrs;
    private readonly Option<IReadOnlyList<string>> _clusterCidrs;
    private readonly Option<int> _maskSize4;
    private readonly Option<int> _maskSize6;
    private readonly Option<int> _podThreshold;
    private readonly Option<int> _endpointsPerSlice;
    private readonly Option<int> _port;
    private readonly Option<string> _bindAddress;
    private readonly Option<int>[] _concurrency;

    /// <summary>Makes the command with its flags.</summary>
    public ControllerManagerFlags()
    {
        Command = new ServerCommand("kubelite-controller-manager", "Runs the control loops of a cluster against its API server.");
        _kubeconfig = Command.String("kubeconfig", "", "File that says how to reach the API server.");
        _leaderElect = Command.Bool("leader-elect", true, "Run only while holding the Lease.");
        _leaseDuration = Command.Duration("leader-elect-lease-duration", TimeSpan.FromSeconds(15), "How long a silent leader is followed.");
        _renewDeadline = Command.Duration(
            "leader-elect-renew-deadline", TimeSpan.FromSeconds(10), "After how long without renewal a leader gives up.");
        _retryPeriod = Command.Duration("leader-elect-retry-period", TimeSpan.FromSeconds(2), "Time between attempts to lead or renew.");
        _leaseName = Command.String("leader-elect-resource-name", "kube-controller-manager", "Name of the Lease.");
        _leaseNamespace = Command.String("leader-elect-resource-namespace", "kube-system", "Namespace of the Lease.");
        _controllers = Command.List("controllers", ["*"], "Which controllers run: *, NAME, -NAME.");
        _rootCa = Command.String("root-ca-file", "", "PEM authorities that every namespace is given. Default: those of the kubeconfig.");
        _accountKey = Command.String("service-account-private-key-file", "", "PEM key that signs tokens in Secrets.");
        _signingCert = Command.String("cluster-signing-cert-file", "", "PEM authority that signs certificate requests.");
        _signingKey = Command.String("cluster-signing-key-file", "", "PEM key of that authority.");
        _signingDuration = Command.Duration(
            "cluster-signing-duration", TimeSpan.FromDays(365), "The longest life of a signed certificate.");
        _nodeGrace = Command.Duration("node-monitor-grace-period", TimeSpan.FromSeconds(50), "How long a node may be silent.");
        _allocateCidrs = Command.Bool("allocate-node-cidrs", false, "Give nodes Pod address ranges out of --cluster-cidr.");
        _clusterCidrs = Command.List("cluster-cidr", [], "The cluster's Pod address ranges.");
        _maskSize4 = Command.Int("node-cidr-mask-size", 24, "Prefix length of a node's IPv4 range.");
        _maskSize6 = Command.Int("node-cidr-mask-size-ipv6", 64, "Prefix length of a node's IPv6 range.");
        _podThreshold = Command.Int("terminated-pod-gc-threshold", 12500, "How many ended Pods may stay.");
        _endpointsPerSlice = Command.Int("max-endpoints-per-slice", 100, "The most endpoints in one EndpointSlice.");
        _port = Command.Int("secure-port", DiagnosticsOptions.ControllerManagerPort, "Port of health and metrics; 0 for none.");
        _bindAddress = Command.String("bind-address", "0.0.0.0", "Address of health and metrics.");
        _concurrency = [.. s_syncs.Select(
            s => Command.Int($"concurrent-{s}-syncs", 5, $"How many objects the {s} controller works on at once."))];
        Command.Bool("use-service-account-credentials", false, "Accepted; all controllers share one identity.");
        Command.String("service-cluster-ip-range", "", "Accepted; Pod ranges are never taken from it.");
        Command.String("cluster-name", "kubernetes", "Accepted.");
        Command.String("authentication-kubeconfig", "", "Accepted; metrics are guarded by client certificates.");
        Command.String("authorization-kubeconfig", "", "Accepted; metrics are guarded by client certificates.");
        Command.String("client-ca-file", "", "Accepted.");
        Command.String("requestheader-client-ca-file", "", "Accepted.");
    }

    /// <summary>The command.</summary>
    public ServerCommand Command { get; }

    /// <summary>What the flags say.</summary>
    /// <exception cref="StartupException">A flag has a value that can't be.</exception>
    public ControllerManagerOptions Read(ServerContext context)
    {
        var flags = context.Flags;
        if (!IPAddress.TryParse(flags.GetValue(_bindAddress), out var address))
        {
            throw new StartupException($"--bind-address is \"{flags.GetValue(_bindAddress)}\": write an IP address");
        }
        return new ControllerManagerOptions
        {
            KubeconfigFile = Text(flags.GetValue(_kubeconfig)),
            Loggers = context.LoggerFactory,
            Time = context.TimeProvider,
            LeaderElect = flags.GetValue(_leaderElect),
            LeaseDuration = flags.GetValue(_leaseDuration),
            RenewDeadline = flags.GetValue(_renewDeadline),
            RetryPeriod = flags.GetValue(_retryPeriod),
            LeaseName = flags.GetValue(_leaseName)!,
            LeaseNamespace = flags.GetValue(_leaseNamespace)!,
            Controllers = flags.GetValue(_controllers)!,
            RootCaFile = Text(flags.GetValue(_rootCa)),
            ServiceAccountPrivateKeyFile = Text(flags.GetValue(_accountKey)),
            ClusterSigningCertFile = Text(flags.GetValue(_signingCert)),
            ClusterSigningKeyFile = Text(flags.GetValue(_signingKey)),
            ClusterSigningDuration = flags.GetValue(_signingDuration),
            NodeMonitorGracePeriod = flags.GetValue(_nodeGrace),
            AllocateNodeCidrs = flags.GetValue(_allocateCidrs),
            ClusterCidrs = flags.GetValue(_clusterCidrs)!,
            NodeCidrMaskSizeIPv4 = flags.GetValue(_maskSize4),
            NodeCidrMaskSizeIPv6 = flags.GetValue(_maskSize6),
            TerminatedPodGCThreshold = flags.GetValue(_podThreshold),
            MaxEndpointsPerSlice = flags.GetValue(_endpointsPerSlice),
            ConcurrentSyncs = _concurrency.Max(c => flags.GetValue(c)),
            Diagnostics = new DiagnosticsOptions { Port = flags.GetValue(_port), BindAddress = address },
        };
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
