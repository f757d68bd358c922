using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Quota;

/// <summary>What objects use of a quota (pkg/quota/v1/evaluator/core).</summary>
internal static class QuotaUsage
{
    /// <summary>Adds what a Pod uses: itself, its requests and limits. One that ended uses nothing.</summary>
    internal static void Add(QuotaAmounts amounts, V1Pod pod)
    {
        amounts.Add("count/pods", 1);
        if (PodConditions.IsTerminal(pod))
        {
            return;
        }
        amounts.Add("pods", 1);
        foreach (var (name, value) in Total(pod, static c => c.Resources?.Requests))
        {
            if (name is "cpu" or "memory" or "ephemeral-storage")
            {
                amounts.Add(name, value);
            }
            amounts.Add("requests." + name, value);
            if (name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                amounts.Add(name, value);
            }
        }
        foreach (var (name, value) in Total(pod, static c => c.Resources?.Limits))
        {
            amounts.Add("limits." + name, value);
        }
    }

    /// <summary>Adds what a Service uses.</summary>
    internal static void Add(QuotaAmounts amounts, V1Service service)
    {
        amounts.Add("count/services", 1);
        amounts.Add("services", 1);
        var ports = service.Spec.Ports?.Count ?? 0;
        switch (service.Spec.Type)
        {
            case "NodePort":
                amounts.Add("services.nodeports", ports);
                break;
            case "LoadBalancer":
                amounts.Add("services.loadbalancers", 1);
                amounts.Add(
                    "services.nodeports",
                    service.Spec.AllocateLoadBalancerNodePorts == false ? service.Spec.Ports?.Count(p => p.NodePort is > 0) ?? 0 : ports);
                break;
        }
    }

    /// <summary>Adds what a claim uses, also of its storage class.</summary>
    internal static void Add(QuotaAmounts amounts, V1PersistentVolumeClaim claim)
    {
        amounts.Add("count/persistentvolumeclaims", 1);
        amounts.Add("persistentvolumeclaims", 1);
        var prefix = string.IsNullOrEmpty(claim.Spec.StorageClassName)
            ? null
            : claim.Spec.StorageClassName + ".storageclass.storage.k8s.io/";
        if (prefix is not null)
        {
            amounts.Add(prefix + "persistentvolumeclaims", 1);
        }
        if (claim.Spec.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var storage))
        {
            amounts.Add("requests.storage", storage);
            if (prefix is not null)
            {
                amounts.Add(prefix + "requests.storage", storage);
            }
        }
    }

    // Containers together, or the largest init container if that is more; sidecars count with both.
    private static Dictionary<string, ResourceQuantity> Total(V1Pod pod, Func<V1Container, IDictionary<string, ResourceQuantity>?> of)
    {
        var sum = new Dictionary<string, ResourceQuantity>();
        foreach (var container in pod.Spec.Containers)
        {
            Accumulate(sum, of(container));
        }
        var sidecars = new Dictionary<string, ResourceQuantity>();
        var most = new Dictionary<string, ResourceQuantity>();
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            if (container.RestartPolicy == "Always")
            {
                Accumulate(sidecars, of(container));
                Raise(most, sidecars);
                continue;
            }
            var during = new Dictionary<string, ResourceQuantity>(sidecars);
            Accumulate(during, of(container));
            Raise(most, during);
        }
        Accumulate(sum, sidecars);
        Raise(sum, most);
        Accumulate(sum, pod.Spec.Overhead);
        return sum;
    }

    private static void Accumulate(Dictionary<string, ResourceQuantity> sum, IDictionary<string, ResourceQuantity>? more)
    {
        foreach (var (name, value) in more ?? new Dictionary<string, ResourceQuantity>())
        {
            var amounts = new QuotaAmounts();
            if (sum.TryGetValue(name, out var old))
            {
                amounts.Add(name, old);
            }
            amounts.Add(name, value);
            sum[name] = amounts.Get(name);
        }
    }

    private static void Raise(Dictionary<string, ResourceQuantity> most, Dictionary<string, ResourceQuantity> other)
    {
        foreach (var (name, value) in other)
        {
            if (!most.TryGetValue(name, out var old) || value.ToDecimal() > old.ToDecimal())
            {
                most[name] = value;
            }
        }
    }
}
