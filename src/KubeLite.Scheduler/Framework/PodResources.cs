using k8s.Models;

namespace KubeLite.Scheduler.Framework;

/// <summary>What a Pod asks of a node (component-helpers <c>resource.PodRequests</c>).</summary>
internal static class PodResources
{
    /// <summary>
    /// The Pod's requests: the larger of what its containers and sidecars need together and what any init container needs
    /// beside the sidecars started before it, plus the overhead.
    /// </summary>
    public static ResourceVector Requests(V1Pod pod, out long nonZeroMilliCpu, out long nonZeroMemory)
    {
        var sum = new ResourceVector();
        var scored = new ResourceVector();
        foreach (var container in pod.Spec.Containers ?? [])
        {
            Add(sum, scored, Container(pod, container));
        }

        var sidecars = new ResourceVector();
        var scoredSidecars = new ResourceVector();
        var peak = new ResourceVector();
        var scoredPeak = new ResourceVector();
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            var request = Container(pod, container);
            if (container.RestartPolicy == "Always")
            {
                Add(sum, scored, request);
                Add(sidecars, scoredSidecars, request);
                peak.Max(sidecars);
                scoredPeak.Max(scoredSidecars);
                continue;
            }

            var beside = sidecars.Clone();
            var scoredBeside = scoredSidecars.Clone();
            Add(beside, scoredBeside, request);
            peak.Max(beside);
            scoredPeak.Max(scoredBeside);
        }

        sum.Max(peak);
        scored.Max(scoredPeak);
        if (pod.Spec.Resources?.Requests is { Count: > 0 } podLevel)
        {
            ApplyPodLevel(sum, scored, podLevel);
        }

        if (pod.Spec.Overhead is { Count: > 0 } overhead)
        {
            var extra = ResourceVector.Parse(overhead);
            sum.Add(extra, 1);
            scored.Add(extra, 1);
        }

        nonZeroMilliCpu = scored.MilliCpu;
        nonZeroMemory = scored.Memory;
        return sum;
    }

    /// <summary>The ports of the node that the Pod's containers and sidecars want.</summary>
    public static HostPort[] HostPorts(V1Pod pod)
    {
        List<HostPort>? ports = null;
        foreach (var container in pod.Spec.Containers ?? [])
        {
            Collect(container, ref ports);
        }

        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            if (container.RestartPolicy == "Always")
            {
                Collect(container, ref ports);
            }
        }

        return ports is null ? [] : [.. ports];
    }

    private static void Collect(V1Container container, ref List<HostPort>? ports)
    {
        foreach (var port in container.Ports ?? [])
        {
            if (port.HostPort is { } number and > 0)
            {
                var address = string.IsNullOrEmpty(port.HostIP) || port.HostIP == "::" ? HostPort.AnyAddress : port.HostIP;
                (ports ??= []).Add(new HostPort(address, port.Protocol ?? "TCP", number));
            }
        }
    }

    /// <summary>A container's spec requests, or more where an in-place resize has not yet taken less away.</summary>
    private static ResourceVector Container(V1Pod pod, V1Container container)
    {
        var request = ResourceVector.Parse(container.Resources?.Requests);
        if (pod.Status?.ContainerStatuses is { } statuses)
        {
            foreach (var status in statuses)
            {
                if (status.Name == container.Name && status.AllocatedResources is { Count: > 0 } allocated)
                {
                    request.Max(ResourceVector.Parse(allocated));
                }
            }
        }

        return request;
    }

    private static void Add(ResourceVector sum, ResourceVector scored, ResourceVector request)
    {
        sum.Add(request, 1);
        scored.MilliCpu += request.MilliCpu == 0 ? ResourceVector.DefaultMilliCpu : request.MilliCpu;
        scored.Memory += request.Memory == 0 ? ResourceVector.DefaultMemory : request.Memory;
    }

    private static void ApplyPodLevel(
        ResourceVector sum, ResourceVector scored, IDictionary<string, ResourceQuantity> requests)
    {
        var level = ResourceVector.Parse(requests);
        if (requests.ContainsKey("cpu"))
        {
            sum.MilliCpu = scored.MilliCpu = level.MilliCpu;
        }

        if (requests.ContainsKey("memory"))
        {
            sum.Memory = scored.Memory = level.Memory;
        }
    }
}
