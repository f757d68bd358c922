using KubeLite.ApiServer.CustomResources.Definitions;
using KubeLite.ApiServer.Registry.AdmissionRegistration;
using KubeLite.ApiServer.Registry.ApiRegistration;
using KubeLite.ApiServer.Registry.Apps.DaemonSets;
using KubeLite.ApiServer.Registry.Apps.Deployments;
using KubeLite.ApiServer.Registry.Apps.ReplicaSets;
using KubeLite.ApiServer.Registry.Apps.StatefulSets;
using KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;
using KubeLite.ApiServer.Registry.Batch.CronJobs;
using KubeLite.ApiServer.Registry.Batch.Jobs;
using KubeLite.ApiServer.Registry.Core.Endpoints;
using KubeLite.ApiServer.Registry.Core.LimitRanges;
using KubeLite.ApiServer.Registry.Core.Namespaces;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Core.PersistentVolumes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.ReplicationControllers;
using KubeLite.ApiServer.Registry.Core.Secrets;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Discovery.EndpointSlices;
using KubeLite.ApiServer.Registry.FlowControl;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Networking.IngressClasses;
using KubeLite.ApiServer.Registry.Networking.NetworkPolicies;
using KubeLite.ApiServer.Registry.Rbac;
using KubeLite.ApiServer.Registry.Resource;
using KubeLite.ApiServer.Registry.Scheduling;
using KubeLite.ApiServer.Registry.Storage;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The defaults of all built-in types, each from its kind's folder.</summary>
public static class BuiltInDefaults
{
    /// <summary>A defaulter with every rule.</summary>
    public static Defaulter Make()
    {
        var defaulter = new Defaulter();
        defaulter.Add("io.k8s.api.core.v1.Namespace", NamespaceStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.NodeSpec", NodeStrategy.DefaultSpec);
        defaulter.Add("io.k8s.api.core.v1.NodeStatus", NodeStrategy.DefaultStatus);
        defaulter.Add("io.k8s.api.core.v1.Service", ServiceStrategy.Default);
        PodSpecDefaults.Register(defaulter);
        AddCore(defaulter);
        defaulter.Add(
            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition", CustomResourceDefinitionStrategy.Default);
        AddWorkloads(defaulter);
        AddOthers(defaulter);
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

    private static void AddCore(Defaulter defaulter)
    {
        defaulter.Add("io.k8s.api.core.v1.EndpointPort", EndpointsStrategy.DefaultPort);
        defaulter.Add("io.k8s.api.core.v1.LimitRangeItem", LimitRangeStrategy.DefaultItem);
        defaulter.Add("io.k8s.api.core.v1.PersistentVolume", PersistentVolumeStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.PersistentVolumeClaim", PersistentVolumeClaimStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.PersistentVolumeClaimSpec", PersistentVolumeClaimStrategy.DefaultSpec);
        defaulter.Add("io.k8s.api.core.v1.ReplicationController", ReplicationControllerStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.Secret", SecretStrategy.Default);
    }

    private static void AddOthers(Defaulter defaulter)
    {
        AdmissionDefaults.Register(defaulter);
        DeviceValidation.RegisterDefaults(defaulter);
        PriorityLevelConfigurationStrategy.RegisterDefaults(defaulter);
        defaulter.Add("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference", ApiServiceStrategy.DefaultService);
        defaulter.Add("io.k8s.api.discovery.v1.EndpointPort", EndpointSliceStrategy.DefaultPort);
        defaulter.Add("io.k8s.api.networking.v1.IngressClass", IngressClassStrategy.Default);
        defaulter.Add("io.k8s.api.networking.v1.NetworkPolicy", NetworkPolicyStrategy.Default);
        defaulter.Add("io.k8s.api.networking.v1.NetworkPolicyPort", NetworkPolicyStrategy.DefaultPort);
        defaulter.Add("io.k8s.api.rbac.v1.ClusterRoleBinding", RoleBindingStrategy.Default);
        defaulter.Add("io.k8s.api.rbac.v1.RoleBinding", RoleBindingStrategy.Default);
        defaulter.Add("io.k8s.api.rbac.v1.Subject", RoleBindingStrategy.DefaultSubject);
        defaulter.Add("io.k8s.api.scheduling.v1.PriorityClass", PriorityClassStrategy.Default);
        defaulter.Add("io.k8s.api.storage.v1.CSIDriver", CsiDriverStrategy.Default);
        defaulter.Add("io.k8s.api.storage.v1.StorageClass", StorageClassStrategy.Default);
    }
}
