using System.Runtime.InteropServices;
using k8s.Models;

namespace KubeLite.Kubelet.Nodes;

/// <summary>Makes the Node object of a simulated node.</summary>
internal sealed class NodeObject(KubeletOptions options, string runtimeVersion, int port, TimeProvider time)
{
    /// <summary>The version that the kubelet speaks for.</summary>
    public const string KubeletVersion = "v1.36.2";

    private readonly string _bootId = Guid.NewGuid().ToString();

    /// <summary>The Node as it is registered.</summary>
    public V1Node Build(NodeIdentity node) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = node.Name,
            Labels = Labels(node),
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true",
            },
        },
        Spec = new V1NodeSpec { PodCIDR = node.PodRange, PodCIDRs = [node.PodRange] },
        Status = Status(node, null),
    };

    /// <summary>The labels that the kubelet keeps on its Node.</summary>
    public Dictionary<string, string> Labels(NodeIdentity node)
    {
        var labels = new Dictionary<string, string>(options.NodeLabels, StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = node.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = Architecture,
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = Architecture,
        };
        return labels;
    }

    /// <summary>The status; conditions keep the time of their last transition.</summary>
    public V1NodeStatus Status(NodeIdentity node, V1NodeStatus? present)
    {
        var capacity = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        foreach (var (name, amount) in options.Capacity)
        {
            capacity[name] = new ResourceQuantity(amount);
        }

        return new V1NodeStatus
        {
            Capacity = capacity,
            Allocatable = capacity,
            Addresses =
            [
                new V1NodeAddress { Type = "InternalIP", Address = NodeIdentity.HostAddress },
                new V1NodeAddress { Type = "Hostname", Address = node.Name },
            ],
            DaemonEndpoints = port > 0
                ? new V1NodeDaemonEndpoints { KubeletEndpoint = new V1DaemonEndpoint { Port = port } }
                : null,
            Conditions = Conditions(present?.Conditions),
            NodeInfo = new V1NodeSystemInfo
            {
                Architecture = Architecture,
                BootID = _bootId,
                ContainerRuntimeVersion = runtimeVersion,
                KernelVersion = Environment.OSVersion.Version.ToString(),
                KubeProxyVersion = "",
                KubeletVersion = KubeletVersion,
                MachineID = node.Name,
                OperatingSystem = "linux",
                OsImage = "KubeLite simulated node",
                SystemUUID = node.Name,
            },
        };
    }

    private static string Architecture =>
        RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private List<V1NodeCondition> Conditions(IList<V1NodeCondition>? present)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return
        [
            Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ];

        V1NodeCondition Condition(string type, string status, string reason, string message)
        {
            var since = now;
            foreach (var condition in present ?? [])
            {
                if (condition.Type == type && condition.Status == status && condition.LastTransitionTime is { } then)
                {
                    since = then;
                }
            }

            return new V1NodeCondition
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = message,
                LastHeartbeatTime = now,
                LastTransitionTime = since,
            };
        }
    }
}
