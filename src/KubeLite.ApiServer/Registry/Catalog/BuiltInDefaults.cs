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

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The defaults of all built-in types, each from its kind's folder.</summary>
public static class BuiltInDefaults
{
    /// <summary>A defaulter with every rule.</summary>
    public static Defaulter Make()
    {
        var defaulter = new Defaulter();
        defaulter.Add("io.k8s.api.core.v1.Namespace", NamespaceStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.NodeStatus", NodeStrategy.DefaultStatus);
        defaulter.Add("io.k8s.api.core.v1.Service", ServiceStrategy.Default);
        PodSpecDefaults.Register(defaulter);
        AddWorkloads(defaulter);
        return defaulter;
    }

    private static void AddWorkloads(Defaulter defaulter)
    {
        defaulter.Add("io.k8s.api.apps.v1.DaemonSet", DaemonSetStrategy.Default);
        defaulter.Add("io.k8s.api.apps.v1.Deployment", DeploymentStrategy.Default);
        defaulter.Add("io.k8s.api.apps.v1.ReplicaSet", ReplicaSetStrategy.Default);
        defaulter.Add("io.k8s.api.apps.v1.StatefulSet", StatefulSetStrategy.Default);
        defaulter.Add("io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler", HorizontalPodAutoscalerStrategy.DefaultV1);
        defaulter.Add("io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler", HorizontalPodAutoscalerStrategy.Default);
        defaulter.Add("io.k8s.api.batch.v1.CronJob", CronJobStrategy.Default);
        defaulter.Add("io.k8s.api.batch.v1.Job", JobStrategy.Default);
    }
}
