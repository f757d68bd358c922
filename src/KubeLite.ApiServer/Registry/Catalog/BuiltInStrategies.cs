using KubeLite.ApiServer.Registry.Apps.ControllerRevisions;
using KubeLite.ApiServer.Registry.Apps.DaemonSets;
using KubeLite.ApiServer.Registry.Apps.Deployments;
using KubeLite.ApiServer.Registry.Apps.ReplicaSets;
using KubeLite.ApiServer.Registry.Apps.StatefulSets;
using KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;
using KubeLite.ApiServer.Registry.Batch.CronJobs;
using KubeLite.ApiServer.Registry.Batch.Jobs;
using KubeLite.ApiServer.Registry.Core.Namespaces;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Policy.PodDisruptionBudgets;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The strategies of all built-in resources.</summary>
public static class BuiltInStrategies
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private const string Resource = "resource.k8s.io";
    private const string Flow = "flowcontrol.apiserver.k8s.io";

    /// <summary>The catalog with every kind that has something of its own.</summary>
    public static StrategyCatalog Make(ApiServerOptions options, ServiceAllocator allocator)
    {
        var catalog = new StrategyCatalog()
            .Add("", "namespaces", new NamespaceStrategy())
            .Add("", "nodes", new NodeStrategy())
            .Add("", "pods", new PodStrategy(options.AllowPrivileged))
            .Add("", "services", new ServiceStrategy(allocator));
        AddWorkloads(catalog);
        var rbac = new ResourceStrategy { NameRule = ApiMachinery.Names.NameRules.Segment };
        foreach (string resource in (string[])["roles", "clusterroles", "rolebindings", "clusterrolebindings"])
        {
            catalog.Add(Rbac, resource, rbac);
        }

        return catalog;
    }

    private static void AddWorkloads(StrategyCatalog catalog) => catalog
        .Add("apps", "controllerrevisions", new ControllerRevisionStrategy())
        .Add("apps", "daemonsets", new DaemonSetStrategy())
        .Add("apps", "deployments", new DeploymentStrategy())
        .Add("apps", "replicasets", new ReplicaSetStrategy())
        .Add("apps", "statefulsets", new StatefulSetStrategy())
        .Add("autoscaling", "horizontalpodautoscalers", new HorizontalPodAutoscalerStrategy())
        .Add("batch", "cronjobs", new CronJobStrategy())
        .Add("batch", "jobs", new JobStrategy())
        .Add("policy", "poddisruptionbudgets", new PodDisruptionBudgetStrategy());
}
