using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>What may become of objects of many kinds after they are there, as in Kubernetes v1.36.</summary>
public sealed class KindChangeTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Merge = "application/merge-patch+json";
    private const string Event =
        """{"eventTime":"2026-01-02T03:04:05.000000Z","type":"Normal","reason":"r","action":"a","reportingController":"x.io/c","reportingInstance":"i","regarding":{"namespace":"NAMESPACE"}}""";
    private const string PodTemplate = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
    private const string JobTemplate =
        """{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}""";

    [Theory]
    [InlineData(
        "apis/autoscaling/v2/namespaces/*/horizontalpodautoscalers",
        """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"}}}""", "",
        """{"spec":{"minReplicas":4}}""", "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`")]
    [InlineData(
        "apis/autoscaling/v2/namespaces/*/horizontalpodautoscalers",
        """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"}}}""", "",
        """{"spec":{"minReplicas":0}}""",
        "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1\nspec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas")]
    [InlineData(
        "apis/batch/v1/namespaces/*/jobs", """{"spec":{"template":JOBTEMPLATE}}""", "",
        """{"spec":{"completions":3}}""", "spec.completions: Invalid value: 3: field is immutable")]
    [InlineData(
        "apis/batch/v1/namespaces/*/jobs", """{"spec":{"template":JOBTEMPLATE}}""", "/status", """{"status":{"succeeded":-1}}""",
        "status.succeeded: Invalid value: -1: must be greater than or equal to 0\nstatus.succeeded: Invalid value: -1: cannot decrease the succeeded counter")]
    [InlineData(
        "apis/batch/v1/namespaces/*/jobs", """{"spec":{"template":JOBTEMPLATE}}""", "/status",
        """{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""",
        "status.completionTime: Required value: completionTime is required for Complete jobs\nstatus.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition\nstatus.startTime: Required value: startTime is required for finished job")]
    [InlineData(
        "apis/storage.k8s.io/v1/storageclasses", """{"provisioner":"x.io/y"}""", "",
        """{"provisioner":"x.io/z"}""", "provisioner: Invalid value: \"x.io/z\": field is immutable")]
    [InlineData(
        "apis/storage.k8s.io/v1/storageclasses", """{"provisioner":"x.io/y"}""", "",
        """{"reclaimPolicy":"Retain"}""", "reclaimPolicy: Invalid value: \"Retain\": field is immutable")]
    [InlineData(
        "apis/storage.k8s.io/v1/storageclasses", """{"provisioner":"x.io/y"}""", "", """{"reclaimPolicy":"Recycle"}""",
        "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"\nreclaimPolicy: Invalid value: \"Recycle\": field is immutable")]
    [InlineData(
        "apis/node.k8s.io/v1/runtimeclasses", """{"handler":"h"}""", "", """{"overhead":{"podFixed":{"cpu":"-1"}}}""",
        "overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData(
        "apis/networking.k8s.io/v1/ipaddresses", """{"metadata":{"name":"192.0.2.7"},"spec":{"parentRef":{"resource":"r","name":"n"}}}""",
        "", """{"spec":{"parentRef":{"name":"a/b"}}}""",
        "spec.parentRef.name: Invalid value: \"a/b\": may not contain '/'\nspec.parentRef: Invalid value: {\"Group\":\"\",\"Resource\":\"r\",\"Namespace\":\"\",\"Name\":\"a/b\"}: field is immutable")]
    [InlineData(
        "apis/storage.k8s.io/v1/csidrivers", """{"spec":{}}""", "",
        """{"spec":{"attachRequired":false}}""", "spec.attachedRequired: Invalid value: false: field is immutable")]
    [InlineData(
        "apis/apps/v1/namespaces/*/statefulsets", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":TEMPLATE}}""", "",
        """{"spec":{"serviceName":"x"}}""",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")]
    [InlineData(
        "apis/apps/v1/namespaces/*/deployments", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":TEMPLATE}}""", "",
        """{"spec":{"selector":{"matchLabels":{"c":"d"}}}}""",
        "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`\nspec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable")]
    [InlineData(
        "apis/networking.k8s.io/v1/namespaces/*/networkpolicies", """{"spec":{"podSelector":{}}}""", "",
        """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.1/8"}}]}]}}""",
        "spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.0.0.1/8\": must not have bits set beyond the prefix length")]
    [InlineData(
        "apis/node.k8s.io/v1/runtimeclasses", """{"handler":"h"}""", "",
        """{"handler":"g"}""", "handler: Invalid value: \"g\": field is immutable")]
    [InlineData(
        "apis/policy/v1/namespaces/*/poddisruptionbudgets", """{"spec":{"minAvailable":1}}""", "", """{"spec":{"maxUnavailable":1}}""",
        "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":1,\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData(
        "apis/certificates.k8s.io/v1/certificatesigningrequests",
        """{"spec":{"request":"REQUEST","signerName":"example.com/s","usages":["any"]}}""", "/status",
        """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}""",
        "status.conditions: Forbidden: updates may not add a condition of type \"Approved\"")]
    [InlineData(
        "apis/certificates.k8s.io/v1/certificatesigningrequests",
        """{"spec":{"request":"REQUEST","signerName":"example.com/s","usages":["any"]}}""", "/approval",
        """{"status":{"conditions":[{"type":"Approved","status":"True"},{"type":"Denied","status":"True"}]}}""",
        "status.conditions: Invalid value: \"Denied\": Approved and Denied conditions are mutually exclusive")]
    [InlineData(
        "apis/certificates.k8s.io/v1/certificatesigningrequests",
        """{"spec":{"request":"REQUEST","signerName":"example.com/s","usages":["any"]}}""", "/status",
        """{"status":{"certificate":"aGVsbG8="}}""",
        "status.certificate: Invalid value: \"<certificate data>\": must contain at least one CERTIFICATE PEM block")]
    [InlineData(
        "apis/resource.k8s.io/v1/namespaces/*/resourceclaims",
        """{"spec":{"devices":{"requests":[{"name":"a","exactly":{"deviceClassName":"x"}}]}}}""", "/status",
        """{"status":{"allocation":{"devices":{"results":[{"request":"a","driver":"d.io","pool":"p","device":"d","shareID":"X"}]}}}}""",
        "status.allocation.devices.results[0].shareID: Invalid value: \"X\": error validating uid: invalid UUID length: 1")]
    [InlineData(
        "apis/resource.k8s.io/v1/namespaces/*/resourceclaims",
        """{"spec":{"devices":{"requests":[{"name":"a","exactly":{"deviceClassName":"x"}}]}}}""", "/status",
        """{"status":{"allocation":{"devices":{"results":[{"request":"a","driver":"d.io","pool":"p","device":"d","adminAccess":true}]}}}}""",
        "status.allocation.devices.results[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace")]
    [InlineData(
        "apis/apiregistration.k8s.io/v1/apiservices",
        """{"spec":{"group":"g.io","version":"v1","groupPriorityMinimum":1,"versionPriority":1}}""", "/status",
        """{"status":{"conditions":[{"type":"A","status":"x"}]}}""",
        "status.conditions[0].status: Unsupported value: \"x\": supported values: \"True\", \"False\", \"Unknown\"")]
    [InlineData(
        "api/v1/nodes", """{"spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24"]}}""", "",
        """{"spec":{"podCIDRs":["10.0.1.0/24"],"podCIDR":"10.0.1.0/24"}}""",
        "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid")]
    [InlineData(
        "api/v1/nodes", """{"status":{"nodeInfo":{}}}""", "/status",
        """{"status":{"addresses":[{"type":"Hostname","address":"a"},{"type":"Hostname","address":"a"}]}}""",
        "status.addresses[1]: Duplicate value: {\"Type\":\"Hostname\",\"Address\":\"a\"}")]
    [InlineData(
        "apis/storage.k8s.io/v1/csinodes", """{"spec":{"drivers":[{"name":"d.io","nodeID":"n"}]}}""", "",
        """{"spec":{"drivers":[{"name":"d.io","nodeID":"m","allocatable":{"count":2}}]}}""",
        "spec.drivers: Invalid value: {\"Name\":\"d.io\",\"NodeID\":\"m\",\"TopologyKeys\":null,\"Allocatable\":null}: field is immutable")]
    [InlineData(
        "apis/storage.k8s.io/v1/volumeattributesclasses", """{"driverName":"d.io/x","parameters":{"a":"b"}}""", "",
        """{"driverName":"","parameters":null}""",
        "driverName: Forbidden: updates to driverName are forbidden.\nparameters: Forbidden: updates to parameters are forbidden.\ndriverName: Required value\nparameters: Required value: must contain at least one key/value pair")]
    [InlineData(
        "apis/events.k8s.io/v1/namespaces/*/events", Event, "", """{"reason":"s","series":{"count":1,"lastObservedTime":null}}""",
        "series.count: Invalid value: \"\": should be at least 2\nseries.lastObservedTime: Required value\nreason: Invalid value: \"s\": field is immutable\nreason: Invalid value: \"s\": field is immutable")]
    [InlineData(
        "apis/node.k8s.io/v1/runtimeclasses", """{"handler":"h"}""", "",
        """{"scheduling":{"tolerations":[{"key":"a","effect":"x"},{"key":"a","effect":"x","tolerationSeconds":1}]}}""",
        "scheduling.tolerations[0].effect: Unsupported value: \"x\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"\nscheduling.tolerations[1].effect: Invalid value: \"x\": effect must be 'NoExecute' when `tolerationSeconds` is set\nscheduling.tolerations[1].effect: Unsupported value: \"x\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"\nscheduling.tolerations[1]: Duplicate value: {\"Key\":\"a\",\"Operator\":\"\",\"Value\":\"\",\"Effect\":\"x\",\"TolerationSeconds\":1}")]
    [InlineData(
        "api/v1/namespaces/*/persistentvolumeclaims",
        """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}""", "/status",
        """{"status":{"allocatedResourceStatuses":{"cpu":"ControllerResizeInProgress"}}}""",
        "status.allocatedResourceStatuses: Unsupported value: \"cpu\": supported values: \"storage\"")]
    public async Task Patch_OfAKind_NamesFaults(string path, string created, string subresource, string patch, string faults)
    {
        (string at, _) = await CreateAsync(path, created);
        ApiAnswer answer = await server.SendAsync("PATCH", at + subresource, patch, Merge);
        Assert.Equal((422, faults), (answer.Code, Causes(answer)));
        await server.SendAsync("DELETE", at);
    }

    [Theory]
    [InlineData(
        "apis/coordination.k8s.io/v1/namespaces/*/leases", """{"spec":{"holderIdentity":"h"}}""",
        """{"spec":{"strategy":"OldestEmulationVersion","preferredHolder":"p"}}""")]
    [InlineData(
        "apis/apps/v1/namespaces/*/statefulsets", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":TEMPLATE}}""",
        """{"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":1}}}}""")]
    [InlineData(
        "apis/resource.k8s.io/v1/resourceslices",
        """{"spec":{"driver":"d.io","nodeName":"n","pool":{"name":"p","resourceSliceCount":1},"devices":[{"name":"d","attributes":{"a":{"string":"s"}}}]}}""",
        """{"spec":{"devices":[{"name":"d","attributes":{"a":{"string":"s","strings":["t"]}},"nodeAllocatableResourceMappings":{"cpu":{"allocationMultiplier":"1"}}}]}}""")]
    public async Task Patch_OfFieldsBehindGatesThatAreOff_ChangesNothing(string path, string created, string patch)
    {
        (string at, JsonNode before) = await CreateAsync(path, created);
        ApiAnswer answer = await server.SendAsync("PATCH", at, patch, Merge);
        Assert.Equal(200, answer.Code);
        Assert.Equal(before["spec"]!.ToJsonString(), answer.Json["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task Create_ApiServiceOfThisServer_IsAvailable()
    {
        ApiAnswer made = await server.SendAsync("POST", "/apis/apiregistration.k8s.io/v1/apiservices",
            """{"metadata":{"name":"v2.here.io"},"spec":{"group":"here.io","version":"v2","groupPriorityMinimum":1,"versionPriority":1}}""");
        Assert.Equal((201, "Local"), (made.Code, (string?)made.Json["status"]!["conditions"]![0]!["reason"]));
    }

    [Fact]
    public async Task Patch_ThatUndoesTheOneBefore_IsStored()
    {
        (string at, _) = await CreateAsync("api/v1/namespaces/*/configmaps", """{"data":{"a":"1"}}""");
        for (int i = 0; i < 50; i++)
        {
            await server.SendAsync("PATCH", at, """{"data":{"b":"1"}}""", Merge);
            await server.SendAsync("PATCH", at, """{"data":{"b":null}}""", Merge);
            Assert.Null((await server.SendAsync("GET", at)).Json["data"]!["b"]);
        }
    }

    [Fact]
    public async Task Approve_CertificateRequest_StampsAndKeepsTheDecision()
    {
        (string at, _) = await CreateAsync(
            "apis/certificates.k8s.io/v1/certificatesigningrequests",
            """{"spec":{"request":"REQUEST","signerName":"example.com/s","usages":["any"]}}""");
        ApiAnswer approved = await server.SendAsync(
            "PATCH", at + "/approval",
            """{"status":{"certificate":"eA==","conditions":[{"type":"Approved","status":"True","reason":"r"}]}}""", Merge);
        Assert.Equal(200, approved.Code);
        Assert.Null(approved.Json["status"]!["certificate"]);
        string now = (string)approved.Json["status"]!["conditions"]![0]!["lastUpdateTime"]!;
        ApiAnswer reported = await server.SendAsync(
            "PATCH", at + "/status",
            """{"status":{"conditions":[{"type":"Approved","status":"True","reason":"other"},{"type":"Failed","status":"True"}]}}""",
            Merge);
        JsonNode conditions = reported.Json["status"]!["conditions"]!;
        Assert.Equal(
            ("r", now, "Failed"),
            ((string?)conditions[0]!["reason"], (string?)conditions[0]!["lastTransitionTime"], (string?)conditions[1]!["type"]));
    }

    [Fact]
    public async Task Deallocate_Claim_DropsWhatItsDevicesSaid()
    {
        const string device = "\"driver\":\"d.io\",\"pool\":\"p\",\"device\":\"d\"";
        (string at, _) = await CreateAsync(
            "apis/resource.k8s.io/v1/namespaces/*/resourceclaims",
            """{"spec":{"devices":{"requests":[{"name":"a","exactly":{"deviceClassName":"x"}}]}}}""");
        ApiAnswer allocated = await server.SendAsync(
            "PATCH", at + "/status",
            $$$"""{"status":{"allocation":{"devices":{"results":[{"request":"a",{{{device}}}}]}},"devices":[{{{{device}}}}]}}""", Merge);
        Assert.Equal(200, allocated.Code);
        ApiAnswer freed = await server.SendAsync("PATCH", at + "/status", """{"status":{"allocation":null}}""", Merge);
        Assert.Null(freed.Json["status"]?["devices"]);
    }

    [Fact]
    public async Task Evict_Pod_MarksItAsDisrupted()
    {
        (string at, JsonNode pod) = await CreateAsync(
            "api/v1/namespaces/*/pods", """{"metadata":{"finalizers":["x.io/y"]},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        string name = (string)pod["metadata"]!["name"]!;
        Assert.Equal(201, (await server.SendAsync("POST", at + "/eviction", ApiServerFixture.Named(name))).Code);
        JsonNode evicted = (await server.SendAsync("GET", at)).Json;
        Assert.NotNull(evicted["metadata"]!["deletionTimestamp"]);
        Assert.Equal(
            "EvictionByEvictionAPI",
            (string?)evicted["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "DisruptionTarget")!["reason"]);
    }

    private static string Causes(ApiAnswer answer) => answer.Json["details"]?["causes"] is JsonArray causes
        ? string.Join('\n', causes.Select(c => $"{c!["field"]}: {c["message"]}"))
        : answer.Text;

    private static string SigningRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
    }

    /// <summary>Makes an object in a namespace of its own, and says where it is.</summary>
    private async Task<(string Path, JsonNode Object)> CreateAsync(string path, string text)
    {
        string ns = await server.NewNamespaceAsync();
        string all = "/" + path.Replace("*", ns, StringComparison.Ordinal);
        JsonNode obj = JsonNode.Parse(
            text.Replace("NAMESPACE", ns, StringComparison.Ordinal).Replace("REQUEST", SigningRequest(), StringComparison.Ordinal)
                .Replace("JOBTEMPLATE", JobTemplate, StringComparison.Ordinal).Replace("TEMPLATE", PodTemplate, StringComparison.Ordinal))!;
        JsonNode metadata = obj["metadata"] ??= new JsonObject();
        metadata["name"] ??= path.Contains("apiservices", StringComparison.Ordinal) ? "v1.g.io" : "kind-" + ns;
        if (path == "api/v1/namespaces/*/pods")
        {
            await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("default"));
        }

        ApiAnswer made = await server.SendAsync("POST", all, obj.ToJsonString());
        Assert.True(made.Code == 201, made.Text);
        return ($"{all}/{metadata["name"]}", made.Json);
    }
}
