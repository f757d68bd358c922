using KubeLite.ControllerManager.Certificates;
using KubeLite.ControllerManager.ClusterRoles;
using KubeLite.ControllerManager.CronJobs;
using KubeLite.ControllerManager.DaemonSets;
using KubeLite.ControllerManager.Deployments;
using KubeLite.ControllerManager.Disruption;
using KubeLite.ControllerManager.Endpoints;
using KubeLite.ControllerManager.EndpointSlices;
using KubeLite.ControllerManager.GarbageCollection;
using KubeLite.ControllerManager.Jobs;
using KubeLite.ControllerManager.Namespaces;
using KubeLite.ControllerManager.NodeIpam;
using KubeLite.ControllerManager.NodeLifecycle;
using KubeLite.ControllerManager.PodGarbage;
using KubeLite.ControllerManager.Quota;
using KubeLite.ControllerManager.ReplicaSets;
using KubeLite.ControllerManager.ReplicationControllers;
using KubeLite.ControllerManager.RootCa;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerManager.ServiceAccounts;
using KubeLite.ControllerManager.StatefulSets;
using KubeLite.ControllerManager.TtlAfterFinished;
using KubeLite.ControllerManager.Volumes;

namespace KubeLite.ControllerManager;

/// <summary>Every controller there is, by the name that kube-controller-manager gives it.</summary>
public static class ControllerTable
{
    /// <summary>The table; controllers are made in this order.</summary>
    public static IReadOnlyList<ControllerDescriptor> All { get; } =
    [
        new("serviceaccount-controller", c => new ServiceAccountController(c)),
        new("serviceaccount-token-controller", ServiceAccountTokenController.TryCreate),
        new("root-ca-certificate-publisher-controller", c => RootCaPublisher.Create(c)),
        new("namespace-controller", c => new NamespaceController(c)),
        new("deployment-controller", c => new DeploymentController(c)),
        new("replicaset-controller", c => new ReplicaSetController(c)),
        new("replicationcontroller-controller", c => new ReplicationControllerController(c)),
        new("job-controller", c => new JobController(c)),
        new("cronjob-controller", c => new CronJobController(c)),
        new("daemonset-controller", c => new DaemonSetController(c)),
        new("statefulset-controller", c => new StatefulSetController(c)),
        new("endpointslice-controller", c => new EndpointSliceController(c)),
        new("endpointslice-mirroring-controller", c => new EndpointSliceMirroringController(c)),
        new("endpoints-controller", c => new EndpointsController(c)),
        new("node-lifecycle-controller", c => new NodeLifecycleController(c)),
        new("taint-eviction-controller", c => new TaintEvictionController(c)),
        new("node-ipam-controller", NodeIpamController.TryCreate),
        new("pod-garbage-collector-controller", c => new PodGarbageController(c)),
        new("ttl-after-finished-controller", c => new TtlAfterFinishedController(c)),
        new("resourcequota-controller", c => new ResourceQuotaController(c)),
        new("disruption-controller", c => new DisruptionController(c)),
        new("persistentvolume-binder-controller", c => new VolumeBinderController(c)),
        new("persistentvolumeclaim-protection-controller", c => new ClaimProtectionController(c)),
        new("persistentvolume-protection-controller", c => new VolumeProtectionController(c)),
        new("volumeattributesclass-protection-controller", c => new AttributesClassProtectionController(c)),
        new("ephemeral-volume-controller", c => new EphemeralVolumeController(c)),
        new("clusterrole-aggregation-controller", c => new ClusterRoleAggregationController(c)),
        new("certificatesigningrequest-signing-controller", CertificateSigningController.TryCreate),
        new("certificatesigningrequest-approving-controller", c => new CertificateApprovingController(c)),
        new("certificatesigningrequest-cleaner-controller", c => new CertificateCleanerController(c)),
        new("garbage-collector-controller", c => new GarbageCollector(c)),
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
                throw new ArgumentException(
                    $"There is no controller '{plain}'; --controllers knows: {string.Join(", ", All.Select(d => d.Name))}.", nameof(names));
            }
        }
        return [.. All.Where(d => !names.Contains("-" + d.Name)
            && (names.Contains(d.Name) || names.Contains("+" + d.Name) || (names.Contains("*") && d.OnByDefault)))];
    }
}
