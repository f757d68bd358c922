using System.Net;
using System.Net.Sockets;
using k8s.Models;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.EndpointSlices;

/// <summary>What Services and their Pods say about endpoints, for Endpoints and EndpointSlices alike.</summary>
internal static class ServicePods
{
    internal const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>
    /// Enqueues the Services that select a Pod or did, when what changes of it concerns endpoints. A Pod that none selects isn't read.
    /// </summary>
    internal static ResourceEventHandler<V1Pod> Handler(IStore<V1Service> services, Action<V1Service> enqueue)
    {
        void Enqueue(CachedObject pod)
        {
            foreach (var service in Selecting(services, pod))
            {
                enqueue(service);
            }
        }

        return new ResourceEventHandler<V1Pod>(
            Enqueue,
            (old, pod) =>
            {
                foreach (var service in SelectingChanged(services, old, pod))
                {
                    enqueue(service);
                }
            },
            Enqueue);
    }

    /// <summary>Whether a Pod may be an endpoint at all.</summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="terminatingToo">Whether one that is being deleted may.</param>
    internal static bool Belongs(V1Pod pod, bool terminatingToo) =>
        !PodConditions.IsTerminal(pod) && !string.IsNullOrEmpty(pod.Status?.PodIP)
            && (terminatingToo || pod.Metadata.DeletionTimestamp is null);

    /// <summary>The Pod's address of a family, or null.</summary>
    internal static string? Address(V1Pod pod, string family)
    {
        foreach (var ip in pod.Status?.PodIPs is { Count: > 0 } all ? all.Select(i => i.Ip) : [pod.Status?.PodIP ?? ""])
        {
            if (IsFamily(ip, family))
            {
                return ip;
            }
        }
        return null;
    }

    internal static bool IsFamily(string ip, string family) =>
        IPAddress.TryParse(ip, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6) == (family == "IPv6");

    /// <summary>The number of a Service port's target on a Pod, or null where the Pod has no port of that name.</summary>
    internal static int? TargetPort(V1ServicePort port, V1Pod pod)
    {
        if (port.TargetPort?.Value is not { Length: > 0 } target)
        {
            return port.Port;
        }
        if (int.TryParse(target, out var number))
        {
            return number == 0 ? port.Port : number;
        }
        foreach (var container in pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always")))
        {
            foreach (var named in container.Ports ?? [])
            {
                if (named.Name == target && (named.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))
                {
                    return named.ContainerPort;
                }
            }
        }
        return null;
    }

    /// <summary>The name by which a headless Service's DNS knows the Pod, or null.</summary>
    internal static string? Hostname(V1Service service, V1Pod pod) =>
        !string.IsNullOrEmpty(pod.Spec.Hostname) && pod.Spec.Subdomain == service.Metadata.Name ? pod.Spec.Hostname : null;

    internal static bool IsHeadless(V1Service service) => service.Spec.ClusterIP is "None" or null or "";

    internal static V1ObjectReference Reference(V1Pod pod) => new()
    {
        Kind = "Pod",
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Name = pod.Metadata.Name,
        Uid = pod.Metadata.Uid,
    };

    private static IEnumerable<V1Service> Selecting(IStore<V1Service> services, CachedObject pod) =>
        services.ListNamespace(pod.Key.Namespace)
            .Where(s => s.Spec.Selector is { Count: > 0 } selector && LabelSelectors.MatchesAll(selector, pod.Metadata.Labels));

    private static IEnumerable<V1Service> SelectingChanged(
        IStore<V1Service> services, CachedObject<V1Pod> old, CachedObject<V1Pod> pod)
    {
        var selecting = Selecting(services, pod);
        if (!LabelSelectors.Same(old.Metadata.Labels, pod.Metadata.Labels))
        {
            return Selecting(services, old).Concat(selecting);
        }
        var found = selecting.ToList();
        return found.Count > 0 && Changed(old.Value, pod.Value) ? found : [];
    }

    private static bool Changed(V1Pod old, V1Pod pod) =>
        old.Status?.PodIP != pod.Status?.PodIP || PodConditions.IsReady(old) != PodConditions.IsReady(pod)
        || old.Metadata.DeletionTimestamp is null != pod.Metadata.DeletionTimestamp is null
        || PodConditions.IsTerminal(old) != PodConditions.IsTerminal(pod) || old.Spec.NodeName != pod.Spec.NodeName
        || (old.Status?.PodIPs?.Count ?? 0) != (pod.Status?.PodIPs?.Count ?? 0);
}
