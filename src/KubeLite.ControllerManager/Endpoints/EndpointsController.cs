using System.Text;
using k8s.Models;
using KubeLite.ControllerManager.EndpointSlices;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Endpoints;

/// <summary>The <c>endpoints-controller</c>: the addresses of a Service's Pods in one Endpoints object (pkg/controller/endpoint).</summary>
public sealed class EndpointsController : ObjectController
{
    private const string ManagerLabel = "endpoints.kubernetes.io/managed-by";
    private const string Manager = "endpoint-controller";
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";
    private const int MostAddresses = 1000;

    private readonly SharedInformer<V1Service> _services;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1Endpoints> _endpoints;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public EndpointsController(ControllerContext context) : base(context, "endpoints-controller", context.Options.ConcurrentSyncs)
    {
        _events = NewRecorder("endpoint-controller");
        _services = Watch<V1Service>();
        _pods = Watch<V1Pod>();
        _endpoints = Watch<V1Endpoints>();
        _services.AddHandler(EnqueueChanged<V1Service>());
        _endpoints.AddHandler(new ResourceEventHandler<V1Endpoints>(deleted: item => Enqueue(item)));
        _pods.AddHandler(ServicePods.Handler(_services.Store, service => Enqueue(service)));
    }

    /// <inheritdoc/>
    protected override void Synced()
    {
        // Endpoints of Services that went while nobody looked.
        foreach (var endpoints in _endpoints.Store.Cached())
        {
            Enqueue(endpoints);
        }
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var current = _endpoints.Store.Get(key);
        if (_services.Store.Get(key) is not { } service)
        {
            if (current is not null && current.Metadata.Labels?.ContainsKey(ManagerLabel) == true)
            {
                await DeleteAsync(current, cancellationToken).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        if (service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName"
            || service.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        var labels =
            new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>()) { [ManagerLabel] = Manager };
        labels.Remove(ServicePods.HeadlessLabel);
        if (ServicePods.IsHeadless(service))
        {
            labels[ServicePods.HeadlessLabel] = "";
        }
        var (subsets, truncated) = Subsets(service);
        var annotations = current?.Metadata.Annotations is { } old ? new Dictionary<string, string>(old) : [];
        annotations.Remove(OverCapacity);
        if (truncated)
        {
            annotations[OverCapacity] = "truncated";
        }
        if (current is not null && JsonCompare.Same<IList<V1EndpointSubset>>(current.Subsets ?? [], subsets)
            && JsonCompare.Same<object>(current.Metadata.Labels, labels)
            && JsonCompare.Same<object>(current.Metadata.Annotations ?? new Dictionary<string, string>(), annotations))
        {
            return ReconcileResult.Done;
        }
        var metadata = (current?.Metadata ?? new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace }) with
        {
            Labels = labels,
            Annotations = annotations.Count == 0 ? null : annotations,
        };
        await WriteAsync(
            new V1Endpoints { Metadata = metadata, Subsets = subsets.Count == 0 ? null : subsets }, current is null,
            cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task WriteAsync(V1Endpoints endpoints, bool create, CancellationToken cancellationToken)
    {
        try
        {
            await (create ? Client.CreateAsync(endpoints, cancellationToken) : Client.UpdateAsync(endpoints, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNamespaceTerminating)
        {
            // The namespace takes the Service with it.
        }
        catch (ApiStatusException e) when (!e.IsConflict && !e.IsAlreadyExists)
        {
            var verb = create ? "Create" : "Update";
            _events.Record(endpoints with { ApiVersion = "v1", Kind = "Endpoints" }, "Warning", $"FailedTo{verb}Endpoint",
                $"Failed to {verb.ToLowerInvariant()} endpoint {endpoints.Metadata.NamespaceProperty}/{endpoints.Metadata.Name}: {e.Message}");
            throw;
        }
    }

    private async Task DeleteAsync(V1Endpoints endpoints, CancellationToken cancellationToken)
    {
        try
        {
            await Client.DeleteAsync<V1Endpoints>(endpoints.Metadata.NamespaceProperty, endpoints.Metadata.Name, null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
    }

    private (List<V1EndpointSubset> Subsets, bool Truncated) Subsets(V1Service service)
    {
        var family = service.Spec.IpFamilies is { Count: > 0 } families ? families[0] : "IPv4";
        var pods = _pods.Store.ListNamespace(service.Metadata.NamespaceProperty)
            .Where(p => LabelSelectors.MatchesAll(service.Spec.Selector, p.Metadata.Labels)
                && ServicePods.Belongs(p, service.Spec.PublishNotReadyAddresses == true) && ServicePods.Address(p, family) is not null)
            .OrderBy(p => ServicePods.Address(p, family), StringComparer.Ordinal).ThenBy(
                p => p.Metadata.Uid, StringComparer.Ordinal).ToList();
        var truncated = pods.Count > MostAddresses;
        var groups = new SortedDictionary<string, V1EndpointSubset>(StringComparer.Ordinal);
        foreach (var pod in pods.Take(MostAddresses))
        {
            var ports = Ports(service, pod);
            if (ports is { Count: 0 })
            {
                continue;
            }
            var key = Key(ports);
            if (!groups.TryGetValue(key, out var subset))
            {
                groups.Add(key, subset = new V1EndpointSubset { Ports = ports });
            }
            var address = new V1EndpointAddress
            {
                Ip = ServicePods.Address(pod, family),
                NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
                Hostname = ServicePods.Hostname(service, pod),
                TargetRef = ServicePods.Reference(pod),
            };
            if (service.Spec.PublishNotReadyAddresses == true || PodConditions.IsReady(pod))
            {
                (subset.Addresses ??= []).Add(address);
            }
            else
            {
                (subset.NotReadyAddresses ??= []).Add(address);
            }
        }
        return ([.. groups.Values], truncated);
    }

    // Null for a headless Service without ports, whose Pods are listed all the same.
    private static List<Corev1EndpointPort>? Ports(V1Service service, V1Pod pod)
    {
        if (service.Spec.Ports is not { Count: > 0 } wanted)
        {
            return ServicePods.IsHeadless(service) ? null : [];
        }
        var ports = new List<Corev1EndpointPort>();
        foreach (var port in wanted)
        {
            if (ServicePods.TargetPort(port, pod) is { } number)
            {
                ports.Add(new Corev1EndpointPort
                {
                    Name = port.Name,
                    Port = number,
                    Protocol = port.Protocol ?? "TCP",
                    AppProtocol = port.AppProtocol,
                });
            }
        }
        return ports;
    }

    private static string Key(List<Corev1EndpointPort>? ports)
    {
        var key = new StringBuilder();
        foreach (var port in ports ?? [])
        {
            key.Append(port.Name).Append('/').Append(port.Protocol).Append('/').Append(port.Port).Append(';');
        }
        return key.ToString();
    }
}
