using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.EndpointSlices;

/// <summary>The <c>endpointslice-controller</c>: the addresses of a Service's Pods, in slices (pkg/controller/endpointslice).</summary>
public sealed class EndpointSliceController : ObjectController
{
    internal const string ServiceLabel = "kubernetes.io/service-name";
    internal const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";
    private const string Manager = "endpointslice-controller.k8s.io";
    private const string ByService = "service";
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    private readonly SharedInformer<V1Service> _services;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1Node> _nodes;
    private readonly SharedInformer<V1EndpointSlice> _slices;
    private readonly SliceExpectations _expectations = new();

    /// <summary>Asks for the informers.</summary>
    public EndpointSliceController(ControllerContext context) : base(context, "endpointslice-controller", context.Options.ConcurrentSyncs)
    {
        _services = Watch<V1Service>();
        _pods = Watch<V1Pod>();
        _nodes = Watch<V1Node>();
        _slices = Watch<V1EndpointSlice>();
        _slices.AddIndex(
            ByService,
            static s => s.Metadata.Labels?.TryGetValue(ServiceLabel, out var name) == true
                ? [s.Metadata.NamespaceProperty + "/" + name]
                : []);
        _services.AddHandler(EnqueueChanged<V1Service>());
        _slices.AddHandler(new ResourceEventHandler<V1EndpointSlice>(
            EnqueueService,
            (old, s) =>
            {
                EnqueueService(old);
                EnqueueService(s);
            },
            slice =>
            {
                if (ServiceOf(slice) is { } key)
                {
                    _expectations.Gone(key, slice.Metadata.Name);
                }
                EnqueueService(slice);
            }));
        _pods.AddHandler(ServicePods.Handler(_services.Store, service => Enqueue(service)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_services.Store.Get(key) is not { } service)
        {
            _expectations.Forget(key);
            return ReconcileResult.Done;
        }
        if (service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName"
            || service.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        var existing = _slices.Store.ByIndex(ByService, key.ToString())
            .Where(s => s.Metadata.Labels.TryGetValue(ManagerLabel, out var manager) && manager == Manager
                && s.Metadata.DeletionTimestamp is null).ToList();
        if (!_expectations.UpToDate(key, existing))
        {
            // The event that shows the write brings the Service back.
            return ReconcileResult.Done;
        }
        var plan = new SlicePlan(service, Labels(service), Context.Options.MaxEndpointsPerSlice);
        var families = service.Spec.IpFamilies is { Count: > 0 } listed ? listed : ["IPv4"];
        foreach (var family in families)
        {
            plan.Add(family, Wanted(service, family), existing.FindAll(s => s.AddressType == family));
        }
        plan.Delete.AddRange(existing.FindAll(s => !families.Contains(s.AddressType)));
        await ApplyAsync(key, plan, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private Dictionary<string, (IList<Discoveryv1EndpointPort>, List<V1Endpoint>)> Wanted(V1Service service, string family)
    {
        var wanted = new Dictionary<string, (IList<Discoveryv1EndpointPort> Ports, List<V1Endpoint> Endpoints)>(StringComparer.Ordinal);
        foreach (var cached in _pods.Store.CachedNamespace(service.Metadata.NamespaceProperty))
        {
            if (!LabelSelectors.MatchesAll(service.Spec.Selector, cached.Metadata.Labels) || cached.Value is not { } pod
                || !ServicePods.Belongs(pod, terminatingToo: true)
                || ServicePods.Address(pod, family) is not { } address)
            {
                continue;
            }
            var ports = new List<Discoveryv1EndpointPort>();
            foreach (var port in service.Spec.Ports ?? [])
            {
                if (ServicePods.TargetPort(port, pod) is { } number)
                {
                    ports.Add(new Discoveryv1EndpointPort
                    {
                        Name = port.Name ?? "",
                        Protocol = port.Protocol ?? "TCP",
                        Port = number,
                        AppProtocol = port.AppProtocol,
                    });
                }
            }
            var portsKey = SlicePlan.PortsKey(ports);
            if (!wanted.TryGetValue(portsKey, out var group))
            {
                wanted.Add(portsKey, group = (ports, []));
            }
            group.Endpoints.Add(NewEndpoint(service, pod, address));
        }
        return wanted;
    }

    private V1Endpoint NewEndpoint(V1Service service, V1Pod pod, string address)
    {
        var serving = PodConditions.IsReady(pod);
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        string? zone = null;
        if (pod.Spec.NodeName is { Length: > 0 } nodeName)
        {
            _nodes.Store.Get("", nodeName)?.Metadata.Labels?.TryGetValue(ZoneLabel, out zone);
        }
        var ready = service.Spec.PublishNotReadyAddresses == true || (serving && !terminating);
        return new V1Endpoint
        {
            Addresses = [address],
            Conditions = new V1EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating },
            Hostname = ServicePods.Hostname(service, pod),
            TargetRef = ServicePods.Reference(pod),
            NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
            Zone = zone,
            Hints = !ready ? null : service.Spec.TrafficDistribution switch
            {
                "PreferClose" or "PreferSameZone" when zone is not null =>
                    new V1EndpointHints { ForZones = [new V1ForZone { Name = zone }] },
                "PreferSameNode" when !string.IsNullOrEmpty(pod.Spec.NodeName) => new V1EndpointHints
                {
                    ForNodes = [new V1ForNode { Name = pod.Spec.NodeName }],
                    ForZones = zone is null ? null : [new V1ForZone { Name = zone }],
                },
                _ => null,
            },
        };
    }

    private async Task ApplyAsync(ObjectKey key, SlicePlan plan, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var slice in plan.Create)
            {
                _expectations.Written(key, await Client.CreateAsync(slice, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (ApiStatusException e) when (e.IsNamespaceTerminating)
        {
            return;
        }
        foreach (var slice in plan.Update)
        {
            _expectations.Written(key, await Client.UpdateAsync(slice, cancellationToken).ConfigureAwait(false));
        }
        foreach (var slice in plan.Delete)
        {
            try
            {
                await Client.DeleteAsync<V1EndpointSlice>(slice.Metadata.NamespaceProperty, slice.Metadata.Name, null, cancellationToken)
                    .ConfigureAwait(false);
                _expectations.Deleted(key, slice.Metadata.Name);
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // Someone was faster.
            }
        }
    }

    private static Dictionary<string, string> Labels(V1Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>());
        labels.Remove(ServicePods.HeadlessLabel);
        if (ServicePods.IsHeadless(service))
        {
            labels[ServicePods.HeadlessLabel] = "";
        }
        labels[ServiceLabel] = service.Metadata.Name;
        labels[ManagerLabel] = Manager;
        return labels;
    }

    private static ObjectKey? ServiceOf(CachedObject slice) =>
        slice.Metadata.Labels?.TryGetValue(ServiceLabel, out var name) == true
            ? new ObjectKey(slice.Metadata.NamespaceProperty, name)
            : null;

    private void EnqueueService(CachedObject slice)
    {
        if (ServiceOf(slice) is { } key)
        {
            Queue.Add(key);
        }
    }
}
