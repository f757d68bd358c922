using KubeLite.ControllerManager.CronJobs;
using KubeLite.ControllerManager.DaemonSets;
using KubeLite.ControllerManager.Deployments;
using KubeLite.ControllerManager.Jobs;
using KubeLite.ControllerManager.Namespaces;
using KubeLite.ControllerManager.ReplicaSets;
using KubeLite.ControllerManager.ReplicationControllers;
using KubeLite.ControllerManager.RootCa;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerManager.ServiceAccounts;
using KubeLite.ControllerManager.StatefulSets;

namespace KubeLite.ControllerManager;

/// <summary>Every controller there is, by the name that kube-controller-manager gives it.</summary>
public static class ControllerTable
{
    /// <summary>The table; controllers are made in this order.</summary>
    public static IReadOnlyList<ControllerDescriptor> All { get; } =
    [
        new("serviceaccount-controller", c => new ServiceAccountController(c)),
        new("root-ca-certificate-publisher-controller", c => RootCaPublisher.Create(c)),
        new("namespace-controller", c => new NamespaceController(c)),
        new("deployment-controller", c => new DeploymentController(c)),
        new("replicaset-controller", c => new ReplicaSetController(c)),
        new("replicationcontroller-controller", c => new ReplicationControllerController(c)),
        new("job-controller", c => new JobController(c)),
        new("cronjob-controller", c => new CronJobController(c)),
        new("daemonset-controller", c => new DaemonSetController(c)),
        new("statefulset-controller", c => new StatefulSetController(c)),
    ];

    /// <summary>Those that a <c>--controllers</c> list selects.</summary>
    /// <exception cref="ArgumentException">The list names a controller that doesn't exist.</exception>
    public static IReadOnlyList<ControllerDescriptor> Select(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            var plain = name.TrimStart('-', '+');
            if (plain != "*" && !All.Any(d => d.Name == plain))
            {
                throw new ArgumentException($"There is no controller '{plain}'; --controllers knows: {string.Join(", ", All.Select(d => d.Name))}.", nameof(names));
            }
        }
        return [.. All.Where(d => !names.Contains("-" + d.Name)
            && (names.Contains(d.Name) || names.Contains("+" + d.Name) || (names.Contains("*") && d.OnByDefault)))];
    }
}
