using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Tests.Datastores;

/// <summary>Writes into a store what a cluster of Kubernetes v1.36 has there: its keys, its protobuf, its JSON.</summary>
internal static class KubernetesData
{
    private const string Time = "2026-01-02T03:04:05Z";

    /// <summary>Objects of many kinds that know of each other.</summary>
    public static async Task WriteAsync(IKeyValueStore store)
    {
        foreach (string name in (string[])["default", "kube-system", "kube-public", "kube-node-lease", "shop"])
        {
            await ProtobufAsync(
                store, $"namespaces/{name}", "v1", "Namespace", "", name,
                $$$""" "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"} """,
                label: $"kubernetes.io/metadata.name\":\"{name}");
        }

        await ProtobufAsync(
            store, "minions/node-1", "v1", "Node", "", "node-1",
            """ "spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"]},"status":{"capacity":{"cpu":"4","memory":"8Gi"}} """);
        await ProtobufAsync(store, "pods/shop/web-1", "v1", "Pod", "shop", "web-1", """
            "spec":{"containers":[{"name":"main","image":"nginx:1","resources":{"requests":{"cpu":"100m"}},"terminationMessagePath":"/dev/termination-log",
            "terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":80,"protocol":"TCP"}]}],"restartPolicy":"Always",
            "terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","nodeName":"node-1","securityContext":{},"schedulerName":"default-scheduler",
            "enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority","priority":0},"status":{"phase":"Running","podIP":"10.1.0.5","podIPs":[{"ip":"10.1.0.5"}],"qosClass":"Burstable"}
            """);
        await ProtobufAsync(
            store, "secrets/shop/key", "v1", "Secret", "shop", "key", """ "data":{"password":"czNjcjN0"},"type":"Opaque" """);
        await ProtobufAsync(store, "services/specs/shop/web", "v1", "Service", "shop", "web", """
            "spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":"http","nodePort":30080}],"selector":{"app":"web"},"clusterIP":"10.96.0.10",
            "clusterIPs":["10.96.0.10"],"type":"NodePort","sessionAffinity":"None","externalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],
            "ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}
            """);
        await ProtobufAsync(
            store, "services/endpoints/shop/web", "v1", "Endpoints", "shop", "web",
            """ "subsets":[{"addresses":[{"ip":"10.1.0.5"}],"ports":[{"name":"http","port":80,"protocol":"TCP"}]}] """);
        await ProtobufAsync(
            store, "controllers/shop/old", "v1", "ReplicationController", "shop", "old",
            """ "spec":{"replicas":0,"selector":{"app":"old"},"template":{"metadata":{"labels":{"app":"old"}},"spec":{"containers":[{"name":"main","image":"old"}]}}} """);
        await ProtobufAsync(
            store, "events/shop/web-1.1", "v1", "Event", "shop", "web-1.1",
            """ "involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1"},"reason":"Started","message":"Started container","source":{"component":"kubelet"},"firstTimestamp":"2026-01-02T03:04:05Z","lastTimestamp":"2026-01-02T03:04:05Z","count":1,"type":"Normal","reportingComponent":"kubelet" """);
        await ProtobufAsync(
            store, "deployments/shop/web", "apps/v1", "Deployment", "shop", "web",
            """ "spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"nginx:1"}]}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":1}}} """);
        await ProtobufAsync(
            store, "horizontalpodautoscalers/shop/new", "autoscaling/v2", "HorizontalPodAutoscaler", "shop", "new",
            """ "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}]} """);
        await ProtobufAsync(
            store, "horizontalpodautoscalers/shop/old", "autoscaling/v1", "HorizontalPodAutoscaler", "shop", "old",
            """ "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":4,"targetCPUUtilizationPercentage":60} """);
        await ProtobufAsync(
            store, "ingress/shop/web", "networking.k8s.io/v1", "Ingress", "shop", "web",
            """ "spec":{"rules":[{"host":"shop.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]} """);
        await ProtobufAsync(
            store, "leases/kube-node-lease/node-1", "coordination.k8s.io/v1", "Lease", "kube-node-lease", "node-1",
            """ "spec":{"holderIdentity":"node-1","leaseDurationSeconds":40,"renewTime":"2026-01-02T03:04:05.000000Z"} """);
        await ProtobufAsync(
            store, "servicecidrs/kubernetes", "networking.k8s.io/v1", "ServiceCIDR", "", "kubernetes",
            """ "spec":{"cidrs":["10.96.0.0/12"]},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z","reason":"","message":"ok"}]} """);
        await ProtobufAsync(
            store, "ipaddresses/10.96.0.10", "networking.k8s.io/v1", "IPAddress", "", "10.96.0.10",
            """ "spec":{"parentRef":{"group":"","resource":"services","namespace":"shop","name":"web"}} """,
            label: "ipaddress.kubernetes.io/managed-by\":\"ipallocator.k8s.io");
        await ProtobufAsync(
            store, "masterleases/10.0.0.1", "v1", "Endpoints", "", "", """ "subsets":[{"addresses":[{"ip":"10.0.0.1"}]}] """);
        await RangeAsync(store, "ranges/serviceips", "10.96.0.0/12", 10);
        await RangeAsync(store, "ranges/servicenodeports", "30000-32767", 80, 90);

        await JsonAsync(store, "apiextensions.k8s.io/customresourcedefinitions/orders.shop.example", """
            {"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"orders.shop.example","uid":"6f2f0e0e-0000-4000-8000-0000000000c1","generation":1,
            "creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"group":"shop.example","names":{"plural":"orders","singular":"order","kind":"Order","listKind":"OrderList"},
            "scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
            "properties":{"count":{"type":"integer"}}}}}}}],"conversion":{"strategy":"None"}},"status":{"conditions":[{"type":"NamesAccepted","status":"True",
            "lastTransitionTime":"2026-01-02T03:04:05Z","reason":"NoConflicts","message":"no conflicts found"},{"type":"Established","status":"True",
            "lastTransitionTime":"2026-01-02T03:04:05Z","reason":"InitialNamesAccepted","message":"the initial names have been accepted"}],
            "acceptedNames":{"plural":"orders","singular":"order","kind":"Order","listKind":"OrderList"},"storedVersions":["v1"]}}
            """);
        await JsonAsync(store, "shop.example/orders/shop/first", """
            {"apiVersion":"shop.example/v1","kind":"Order","metadata":{"creationTimestamp":"2026-01-02T03:04:05Z","generation":1,"name":"first","namespace":"shop",
            "uid":"6f2f0e0e-0000-4000-8000-0000000000c2"},"spec":{"count":3}}
            """);
        await JsonAsync(store, "apiregistration.k8s.io/apiservices/v1.", """
            {"kind":"APIService","apiVersion":"apiregistration.k8s.io/v1","metadata":{"name":"v1.","uid":"6f2f0e0e-0000-4000-8000-0000000000c3",
            "creationTimestamp":"2026-01-02T03:04:05Z","labels":{"kube-aggregator.kubernetes.io/automanaged":"onstart"}},"spec":{"version":"v1","groupPriorityMinimum":18000,
            "versionPriority":1},"status":{"conditions":[{"type":"Available","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z","reason":"Local","message":"Local APIServices are always available"}]}}
            """);
        // A cluster that was told --storage-media-type=application/json.
        await JsonAsync(store, "configmaps/shop/settings", """
            {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"settings","namespace":"shop","uid":"6f2f0e0e-0000-4000-8000-0000000000c4","creationTimestamp":"2026-01-02T03:04:05Z"},"data":{"a":"1"}}
            """);
        await store.PutAsync("/registry/configmaps/shop/from-go", FromGo(), 0, null, CancellationToken.None);
    }

    /// <summary>A Service whose address is not allocated, and an address whose Service is gone.</summary>
    public static async Task WriteTornAllocationsAsync(IKeyValueStore store)
    {
        await ProtobufAsync(store, "services/specs/shop/bare", "v1", "Service", "shop", "bare", """
            "spec":{"ports":[{"protocol":"TCP","port":80,"targetPort":80,"nodePort":30070}],"clusterIP":"10.96.0.20","clusterIPs":["10.96.0.20"],"type":"NodePort",
            "sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}
            """);
        await ProtobufAsync(
            store, "ipaddresses/10.96.0.99", "networking.k8s.io/v1", "IPAddress", "", "10.96.0.99",
            """ "spec":{"parentRef":{"group":"","resource":"services","namespace":"shop","name":"gone"}} """,
            label: "ipaddress.kubernetes.io/managed-by\":\"ipallocator.k8s.io");
    }

    private static async Task ProtobufAsync(
        IKeyValueStore store, string key, string apiVersion, string kind, string ns, string name, string rest, string label = "app\":\"web")
    {
        string place = ns.Length > 0 ? $",\"namespace\":\"{ns}\"" : "";
        string json =
            $$$"""{"kind":"{{{kind}}}","apiVersion":"{{{apiVersion}}}","metadata":{"name":"{{{name}}}"{{{place}}},"uid":"{{{Uid(key)}}}","creationTimestamp":"{{{Time}}}","labels":{"{{{label}}}"}},{{{rest}}}}""";
        byte[] bytes = ProtobufEncoder.TryEncode(JsonReading.ReadMap(Encoding.UTF8.GetBytes(json)), ApiFacts.Newest)!;
        await store.PutAsync("/registry/" + key, bytes, 0, null, CancellationToken.None);
    }

    private static string Uid(string key) =>
        new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16)).ToString();

    /// <summary>In one line, with the line feed that Go's encoder ends with.</summary>
    private static async Task JsonAsync(IKeyValueStore store, string key, string json) => await store.PutAsync(
        "/registry/" + key, Encoding.UTF8.GetBytes(json.ReplaceLineEndings("") + "\n"), 0, null, CancellationToken.None);

    private static async Task RangeAsync(IKeyValueStore store, string key, string range, params int[] taken)
    {
        var number = System.Numerics.BigInteger.Zero;
        foreach (int bit in taken)
        {
            number |= System.Numerics.BigInteger.One << bit;
        }

        var content = new WireWriter();
        content.Bytes(1, Metadata("", "").Written);
        content.Text(2, range);
        content.Bytes(3, number.ToByteArray(isUnsigned: true, isBigEndian: true));
        byte[] value = ProtobufEnvelope.Close(new GroupVersionKind("", "v1", "RangeAllocation"), content.Written);
        await store.PutAsync("/registry/" + key, value, 0, null, CancellationToken.None);
    }

    /// <summary>A ConfigMap byte for byte as Go's generated code writes it: texts that are empty are there, too.</summary>
    private static byte[] FromGo()
    {
        var entry = new WireWriter();
        entry.Text(1, "empty");
        entry.Text(2, "");
        var content = new WireWriter();
        content.Bytes(1, Metadata("from-go", "shop").Written);
        content.Bytes(2, entry.Written);
        return ProtobufEnvelope.Close(new GroupVersionKind("", "v1", "ConfigMap"), content.Written);
    }

    private static WireWriter Metadata(string name, string ns)
    {
        var metadata = new WireWriter();
        metadata.Text(1, name);
        metadata.Text(2, "");
        metadata.Text(3, ns);
        metadata.Text(4, "");
        metadata.Text(5, name.Length > 0 ? "6f2f0e0e-0000-4000-8000-0000000000c5" : "");
        metadata.Text(6, "");
        metadata.Integer(7, 0);
        metadata.Bytes(8, []);
        return metadata;
    }
}
