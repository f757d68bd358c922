using System.Text;

namespace KubeLite.Benchmarks.Measures;

/// <summary>The objects that are sent.</summary>
public static class Objects
{
    /// <summary>A Pod of 1.1 KB as it is sent and 3.3 KB as it is stored, as Kubernetes' figures were taken with.</summary>
    /// <param name="scheduler">Who schedules it; a name that nobody has keeps it unscheduled.</param>
    /// <param name="node">The Node that it is on from the beginning; null for none.</param>
    public static byte[] Pod(string name, string scheduler, string? node = null) => Encoding.UTF8.GetBytes($$$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{{name}}}}}","labels":{"app":"benchmark","tier":"backend","release":"stable","name":"{{{{{name}}}}}"},"annotations":{"example.com/description":"Answers the requests of the shop's front end for what is in stock, what it costs and when it can be delivered, for all regions; owned by the team of the catalogue, who are on call at all hours and answer within a quarter of an hour; what has to be known before it is restarted is written in the handbook, chapter nine, page four","example.com/checksum":"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}},"spec":{{{{{{(node is null ? "" : $"\"nodeName\":\"{node}\",")}}}}}"schedulerName":"{{{{{scheduler}}}}}","terminationGracePeriodSeconds":30,"containers":[{"name":"catalogue","image":"registry.example.com/team/service:v1.42.7","args":["--listen=0.0.0.0:8080","--log-level=info"],"ports":[{"name":"http","containerPort":8080}],"env":[{"name":"REGION","value":"eu-central"}],"resources":{"requests":{"cpu":"10m","memory":"16Mi"},"limits":{"memory":"64Mi"}}}],"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists"}]}}
        """);

    /// <summary>A Ready Node with room for 110 Pods.</summary>
    public static byte[] Node(string name) => Encoding.UTF8.GetBytes($$$$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{{{name}}}}}","labels":{"kubernetes.io/hostname":"{{{{{name}}}}}","benchmark":"yes"}},"status":{"capacity":{"cpu":"4","memory":"32Gi","pods":"110"},"allocatable":{"cpu":"4","memory":"32Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
        """);

    /// <summary>A Lease.</summary>
    public static byte[] Lease(string name) => Encoding.UTF8.GetBytes($$$$$"""
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{{{{name}}}}}"},"spec":{"holderIdentity":"{{{{{name}}}}}","leaseDurationSeconds":40}}
        """);

    /// <summary>A ConfigMap of about 1.3 KB that says when it was sent, in Stopwatch ticks.</summary>
    public static byte[] Stamped(string name, long sent) => Encoding.UTF8.GetBytes($$$$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{{{name}}}}}"},"data":{"fill":"{{{{{s_fill}}}}}","sent":"{{{{{sent}}}}}"}}
        """);

    private static readonly string s_fill = new('x', 900);
}
