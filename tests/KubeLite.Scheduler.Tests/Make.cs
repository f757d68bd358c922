using k8s.Models;

namespace KubeLite.Scheduler.Tests;

/// <summary>Makes Pods and Nodes.</summary>
internal static class Make
{
    private static int s_uid;

    public static V1Node Node(
        string name, string cpu = "4", string memory = "8Gi", int pods = 110, params (string Key, string Value)[] labels)
    {
        var node = new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name },
            },
            Spec = new V1NodeSpec(),
            Status = new V1NodeStatus
            {
                Allocatable = new Dictionary<string, ResourceQuantity>
                {
                    ["cpu"] = new(cpu),
                    ["memory"] = new(memory),
                    ["pods"] = new(pods.ToString()),
                },
            },
        };
        foreach (var (key, value) in labels)
        {
            node.Metadata.Labels[key] = value;
        }

        return node;
    }

    public static V1Pod Pod(
        string name, string? node = null, string? cpu = null, string? memory = null, int priority = 0,
        params (string Key, string Value)[] labels)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "default",
                Uid = $"uid-{name}-{Interlocked.Increment(ref s_uid)}",
                Labels = labels.Length == 0 ? null : labels.ToDictionary(label => label.Key, label => label.Value),
            },
            Spec = new V1PodSpec
            {
                NodeName = node,
                SchedulerName = "default-scheduler",
                Priority = priority,
                Containers = [new V1Container { Name = "c", Image = "nginx:1.27", Resources = new V1ResourceRequirements() }],
            },
            Status = new V1PodStatus { Phase = "Pending" },
        };
        var requests = new Dictionary<string, ResourceQuantity>();
        if (cpu is not null)
        {
            requests["cpu"] = new(cpu);
        }

        if (memory is not null)
        {
            requests["memory"] = new(memory);
        }

        pod.Spec.Containers[0].Resources.Requests = requests;
        return pod;
    }

    public static V1LabelSelector Selector(string key, string value) =>
        new() { MatchLabels = new Dictionary<string, string> { [key] = value } };
}
