using System.Text;
using KubeLite.Storage.Caching;

namespace KubeLite.Storage.Tests.Caching.Differences;

/// <summary>Versions of objects as a server stores them.</summary>
internal static class ObjectVersions
{
    private static readonly string s_created = """
        {"manager":"controller","operation":"Update","apiVersion":"v1","time":"2026-11-26T09:10:11Z","fieldsType":"FieldsV1",
        "fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:example.com/checksum":{}},"f:labels":{".":{},"f:app":{},
        "f:release":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:args":{},"f:env":{".":{},
        "k:{\"name\":\"REGION\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},
        "f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{},
        "f:protocol":{}}},"f:readinessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},
        "f:scheme":{}},"f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:resources":{".":{},
        "f:limits":{".":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},
        "f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},
        "f:securityContext":{},"f:terminationGracePeriodSeconds":{},"f:tolerations":{}}}}
        """.ReplaceLineEndings("");

    private static readonly string s_statusSet = """
        ,{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-11-26T09:10:14Z","fieldsType":"FieldsV1",
        "fieldsV1":{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:reason":{},"f:status":{},
        "f:type":{}}},"f:phase":{}}},"subresource":"status"}
        """.ReplaceLineEndings("");

    private static readonly string s_spec = """
        {"containers":[{"name":"main","image":"registry.example.com/team/service:v1.42.7","args":["--listen=0.0.0.0:8080",
        "--log-level=info"],"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"env":[{"name":"REGION",
        "value":"eu-central"}],"resources":{"limits":{"memory":"64Mi"},"requests":{"cpu":"10m","memory":"16Mi"}},
        "readinessProbe":{"httpGet":{"path":"/readyz","port":"http","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":5,
        "successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log",
        "terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always",
        "terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","nodeName":"node-1","securityContext":{},
        "schedulerName":"default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists"}],
        "priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}
        """.ReplaceLineEndings("");

    private static readonly EntryReader s_reader = new(CacheFixture.Pods, new FieldLayout(CacheFixture.Pods.FieldPaths), new StringPool());

    /// <summary>The JSON of a Pod, before and after its status was patched.</summary>
    public static byte[] Pod(string name, long revision, bool ready)
    {
        string status = ready
            ? """
              {"phase":"Running","conditions":[{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null,
              "reason":"Probed"}],"qosClass":"Burstable"}
              """.ReplaceLineEndings("")
            : """{"phase":"Pending","qosClass":"Burstable"}""";
        string metadata = $$"""
            {"name":"{{name}}","namespace":"ns","uid":"{{Uid(name)}}","resourceVersion":"{{revision}}",
            "creationTimestamp":"2026-11-26T09:10:11Z","labels":{"app":"web","release":"stable"},
            "annotations":{"example.com/checksum":"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"},
            "managedFields":[{{s_created}}{{(ready ? s_statusSet : "")}}]}
            """.ReplaceLineEndings("");
        return Encoding.UTF8.GetBytes(
            $$"""{"kind":"Pod","apiVersion":"v1","metadata":{{metadata}},"spec":{{s_spec}},"status":{{status}}}""");
    }

    /// <summary>A version of a Pod as the cache holds it.</summary>
    public static CacheEntry Entry(string name, long revision, bool ready) =>
        s_reader.Read(new KeyValue($"/registry/pods/ns/{name}", Pod(name, revision, ready), revision, revision, 1), null);

    // As random as a real one, and always the same.
    private static Guid Uid(string name)
    {
        byte[] bytes = new byte[16];
        new Random(name.Aggregate(17, (hash, c) => unchecked((hash * 31) + c))).NextBytes(bytes);
        return new Guid(bytes);
    }
}
