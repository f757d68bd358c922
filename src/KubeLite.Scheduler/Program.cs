using System.Net;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Diagnostics;
using KubeLite.Scheduler;

var command = new ServerCommand("kubelite-scheduler", "Binds Pods to the nodes that fit them best.");
var kubeconfig = command.String("kubeconfig", "", "Kubeconfig file with the API server's address and credentials.");
var elect = command.Bool("leader-elect", true, "Work only while holding a Lease, so that several schedulers can stand by.");
var leaseDuration = command.Duration(
    "leader-elect-lease-duration", TimeSpan.FromSeconds(15), "How long a Lease that is not renewed holds.");
var renewDeadline = command.Duration("leader-elect-renew-deadline", TimeSpan.FromSeconds(10), "How long renewing is tried.");
var retryPeriod = command.Duration("leader-elect-retry-period", TimeSpan.FromSeconds(2), "How often the Lease is tried for.");
var leaseName = command.String("leader-elect-resource-name", "kube-scheduler", "Name of the Lease.");
var leaseNamespace = command.String("leader-elect-resource-namespace", "kube-system", "Namespace of the Lease.");
var schedulerName = command.String("scheduler-name", "default-scheduler", "The schedulerName of the Pods to schedule.");
var percentage = command.Int(
    "percentage-of-nodes-to-score", 0, "Stop looking for nodes when this part of them is found feasible; 0 adapts.");
var diagnostics = new DiagnosticsFlags(command, DiagnosticsOptions.SchedulerPort);

return await ServerMain.RunAsync(
    command,
    context =>
    {
        var flags = context.Flags;
        var options = new SchedulerOptions
        {
            Kubeconfig = flags.GetValue(kubeconfig)!,
            SchedulerName = flags.GetValue(schedulerName)!,
            PercentageOfNodesToScore = flags.GetValue(percentage),
            Diagnostics = diagnostics.Read(flags),
            LeaderElection = !flags.GetValue(elect) ? null : new LeaderElectionOptions
            {
                Namespace = flags.GetValue(leaseNamespace)!,
                Name = flags.GetValue(leaseName)!,
                Identity = $"{Dns.GetHostName()}_{Guid.NewGuid()}",
                LeaseDuration = flags.GetValue(leaseDuration),
                RenewDeadline = flags.GetValue(renewDeadline),
                RetryPeriod = flags.GetValue(retryPeriod),
            },
        };
        return new SchedulerProcess(options, context.LoggerFactory, context.TimeProvider);
    },
    args);
