using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.CustomResources.Definitions;
using KubeLite.ApiServer.Registry.AdmissionRegistration;
using KubeLite.ApiServer.Registry.ApiRegistration;
using KubeLite.ApiServer.Registry.Apps.ControllerRevisions;
using KubeLite.ApiServer.Registry.Apps.DaemonSets;
using KubeLite.ApiServer.Registry.Apps.Deployments;
using KubeLite.ApiServer.Registry.Apps.ReplicaSets;
using KubeLite.ApiServer.Registry.Apps.StatefulSets;
using KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;
using KubeLite.ApiServer.Registry.Batch.CronJobs;
using KubeLite.ApiServer.Registry.Batch.Jobs;
using KubeLite.ApiServer.Registry.Certificates;
using KubeLite.ApiServer.Registry.Coordination;
using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.ApiServer.Registry.Core.ConfigMaps;
using KubeLite.ApiServer.Registry.Core.Endpoints;
using KubeLite.ApiServer.Registry.Core.Events;
using KubeLite.ApiServer.Registry.Core.LimitRanges;
using KubeLite.ApiServer.Registry.Core.Namespaces;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Core.PersistentVolumes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.PodTemplates;
using KubeLite.ApiServer.Registry.Core.ReplicationControllers;
using KubeLite.ApiServer.Registry.Core.ResourceQuotas;
using KubeLite.ApiServer.Registry.Core.Secrets;
using KubeLite.ApiServer.Registry.Core.ServiceAccounts;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Discovery.EndpointSlices;
using KubeLite.ApiServer.Registry.FlowControl;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Networking.IngressClasses;
using KubeLite.ApiServer.Registry.Networking.Ingresses;
using KubeLite.ApiServer.Registry.Networking.IPAddresses;
using KubeLite.ApiServer.Registry.Networking.NetworkPolicies;
using KubeLite.ApiServer.Registry.Networking.ServiceCidrs;
using KubeLite.ApiServer.Registry.Node;
using KubeLite.ApiServer.Registry.Policy.PodDisruptionBudgets;
using KubeLite.ApiServer.Registry.Rbac;
using KubeLite.ApiServer.Registry.Resource;
using KubeLite.ApiServer.Registry.Scheduling;
using KubeLite.ApiServer.Registry.Storage;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The strategies of all built-in resources.</summary>
public static class BuiltInStrategies
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private const string Resource = "resource.k8s.io";
    private const string Flow = "flowcontrol.apiserver.k8s.io";

    /// <summary>The catalog with every kind that has something of its own.</summary>
    public static StrategyCatalog Make(ApiServerOptions options, ServiceAllocator allocator, Authorizer authorizer)
    {
        var catalog = new StrategyCatalog()
            .Add("", "namespaces", new NamespaceStrategy())
            .Add("", "nodes", new NodeStrategy())
            .Add("", "pods", new PodStrategy(options.AllowPrivileged))
            .Add("", "services", new ServiceStrategy(allocator));
        AddCore(catalog, options);
        catalog.Add("apiextensions.k8s.io", "customresourcedefinitions", new CustomResourceDefinitionStrategy());
        AddWorkloads(catalog);
        AddNetworking(catalog);
        AddStorage(catalog);
        AddPolicies(catalog);
        AddResources(catalog, authorizer);
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

    private static void AddCore(StrategyCatalog catalog, ApiServerOptions options)
    {
        var events = new EventStrategy(options.EventTtl);
        catalog
            .Add("", "componentstatuses", new ComponentStatusStrategy())
            .Add("", "configmaps", new ConfigMapStrategy())
            .Add("", "endpoints", new EndpointsStrategy())
            .Add("", "events", events)
            .Add("events.k8s.io", "events", events)
            .Add("", "limitranges", new LimitRangeStrategy())
            .Add("", "persistentvolumeclaims", new PersistentVolumeClaimStrategy())
            .Add("", "persistentvolumes", new PersistentVolumeStrategy())
            .Add("", "podtemplates", new PodTemplateStrategy())
            .Add("", "replicationcontrollers", new ReplicationControllerStrategy())
            .Add("", "resourcequotas", new ResourceQuotaStrategy())
            .Add("", "secrets", new SecretStrategy())
            .Add("", "serviceaccounts", new ServiceAccountStrategy());
    }

    private static void AddNetworking(StrategyCatalog catalog) => catalog
        .Add("coordination.k8s.io", "leases", new LeaseStrategy())
        .Add("discovery.k8s.io", "endpointslices", new EndpointSliceStrategy())
        .Add("networking.k8s.io", "ingressclasses", new IngressClassStrategy())
        .Add("networking.k8s.io", "ingresses", new IngressStrategy())
        .Add("networking.k8s.io", "ipaddresses", new IPAddressStrategy())
        .Add("networking.k8s.io", "networkpolicies", new NetworkPolicyStrategy())
        .Add("networking.k8s.io", "servicecidrs", new ServiceCidrStrategy());

    private static void AddStorage(StrategyCatalog catalog) => catalog
        .Add("storage.k8s.io", "csidrivers", new CsiDriverStrategy())
        .Add("storage.k8s.io", "csinodes", new CsiNodeStrategy())
        .Add("storage.k8s.io", "csistoragecapacities", new CsiStorageCapacityStrategy())
        .Add("storage.k8s.io", "storageclasses", new StorageClassStrategy())
        .Add("storage.k8s.io", "volumeattachments", new VolumeAttachmentStrategy())
        .Add("storage.k8s.io", "volumeattributesclasses", new VolumeAttributesClassStrategy());

    private static void AddPolicies(StrategyCatalog catalog) => catalog
        .Add(Rbac, "clusterrolebindings", new RoleBindingStrategy(namespaced: false))
        .Add(Rbac, "clusterroles", new RoleStrategy(namespaced: false))
        .Add(Rbac, "rolebindings", new RoleBindingStrategy(namespaced: true))
        .Add(Rbac, "roles", new RoleStrategy(namespaced: true))
        .Add(Admission, "mutatingadmissionpolicies", new AdmissionPolicyStrategy(mutating: true))
        .Add(Admission, "mutatingadmissionpolicybindings", new AdmissionPolicyBindingStrategy(mutating: true))
        .Add(Admission, "mutatingwebhookconfigurations", new WebhookConfigurationStrategy())
        .Add(Admission, "validatingadmissionpolicies", new AdmissionPolicyStrategy(mutating: false))
        .Add(Admission, "validatingadmissionpolicybindings", new AdmissionPolicyBindingStrategy(mutating: false))
        .Add(Admission, "validatingwebhookconfigurations", new WebhookConfigurationStrategy())
        .Add("apiregistration.k8s.io", "apiservices", new ApiServiceStrategy())
        .Add("certificates.k8s.io", "certificatesigningrequests", new CertificateSigningRequestStrategy())
        .Add(Flow, "flowschemas", new FlowSchemaStrategy())
        .Add(Flow, "prioritylevelconfigurations", new PriorityLevelConfigurationStrategy());

    private static void AddResources(StrategyCatalog catalog, Authorizer authorizer) => catalog
        .Add("node.k8s.io", "runtimeclasses", new RuntimeClassStrategy())
        .Add(Resource, "deviceclasses", new DeviceClassStrategy())
        .Add(Resource, "resourceclaims", new ResourceClaimStrategy(authorizer))
        .Add(Resource, "resourceclaimtemplates", new ResourceClaimTemplateStrategy())
        .Add(Resource, "resourceslices", new ResourceSliceStrategy())
        .Add("scheduling.k8s.io", "priorityclasses", new PriorityClassStrategy());
}
