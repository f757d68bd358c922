using System.CommandLine;
using System.Net;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.Scheduler;

/// <summary>The flags of <c>kubelite-scheduler</c>.</summary>
public sealed class SchedulerFlags
{
    private readonly Option<string> _kubeconfig;
    private readonly Option<bool> _elect;
    private readonly Option<TimeSpan> _leaseDuration;
    private readonly Option<TimeSpan> _renewDeadline;
    private readonly Option<TimeSpan> _retryPeriod;
    private readonly Option<string> _leaseName;
    private readonly Option<string> _leaseNamespace;
    private readonly Option<string> _schedulerName;
    private readonly Option<int> _percentage;
    private readonly DiagnosticsFlags _diagnostics;

    /// <summary>Makes the command with its flags.</summary>
    public SchedulerFlags()
    {
        _kubeconfig = Command.String("kubeconfig", "", "Kubeconfig file with the API server's address and credentials.");
        _elect = Command.Bool("leader-elect", true, "Work only while holding a Lease, so that several schedulers can stand by.");
        _leaseDuration = Command.Duration(
            "leader-elect-lease-duration", TimeSpan.FromSeconds(15), "How long a Lease that is not renewed holds.");
        _renewDeadline = Command.Duration("leader-elect-renew-deadline", TimeSpan.FromSeconds(10), "How long renewing is tried.");
        _retryPeriod = Command.Duration("leader-elect-retry-period", TimeSpan.FromSeconds(2), "How often the Lease is tried for.");
        _leaseName = Command.String("leader-elect-resource-name", "kube-scheduler", "Name of the Lease.");
        _leaseNamespace = Command.String("leader-elect-resource-namespace", "kube-system", "Namespace of the Lease.");
        _schedulerName = Command.String("scheduler-name", "default-scheduler", "The schedulerName of the Pods to schedule.");
        _percentage = Command.Int(
            "percentage-of-nodes-to-score", 0, "Stop looking for nodes when this part of them is found feasible; 0 adapts.");
        _diagnostics = new DiagnosticsFlags(Command, DiagnosticsOptions.SchedulerPort);
    }

    /// <summary>The command.</summary>
    public ServerCommand Command { get; } = new("kubelite-scheduler", "Binds Pods to the nodes that fit them best.");

    /// <summary>Makes the server that the flags describe.</summary>
    /// <exception cref="StartupException">A flag's value is of no use.</exception>
    public SchedulerProcess Build(ServerContext context)
    {
        var flags = context.Flags;
        var options = new SchedulerOptions
        {
            Kubeconfig = flags.GetValue(_kubeconfig)!,
            SchedulerName = flags.GetValue(_schedulerName)!,
            PercentageOfNodesToScore = flags.GetValue(_percentage),
            Diagnostics = _diagnostics.Read(flags),
            LeaderElection = !flags.GetValue(_elect) ? null : new LeaderElectionOptions
            {
                Namespace = flags.GetValue(_leaseNamespace)!,
                Name = flags.GetValue(_leaseName)!,
                Identity = $"{Dns.GetHostName()}_{Guid.NewGuid()}",
                LeaseDuration = flags.GetValue(_leaseDuration),
                RenewDeadline = flags.GetValue(_renewDeadline),
                RetryPeriod = flags.GetValue(_retryPeriod),
            },
        };
        return new SchedulerProcess(options, context.LoggerFactory, context.TimeProvider);
    }
}
