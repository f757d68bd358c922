using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.EndpointSlices;

/// <summary>
/// The <c>endpointslice-mirroring-controller</c>: slices that say what hand-made Endpoints of a Service without selector
/// say (pkg/controller/endpointslicemirroring).
/// </summary>
public sealed class EndpointSliceMirroringController : ObjectController
{
    private const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private const int MostInSubset = 1000;

    private readonly SharedInformer<V1Endpoints> _endpoints;
    private readonly SharedInformer<V1Service> _services;
    private readonly SharedInformer<V1EndpointSlice> _slices;
    private readonly SliceExpectations _expectations = new();

    /// <summary>Asks for the informers.</summary>
    public EndpointSliceMirroringController(ControllerContext context) : base(context, "endpointslice-mirroring-controller", 1)
    {
        _endpoints = Watch<V1Endpoints>();
        _services = Watch<V1Service>();
        _slices = Watch<V1EndpointSlice>();
        _endpoints.AddHandler(EnqueueChanged<V1Endpoints>());
        _services.AddHandler(EnqueueChanged<V1Service>());
        _slices.AddHandler(new ResourceEventHandler<V1EndpointSlice>(EnqueueOwned, (_, slice) => EnqueueOwned(slice), slice =>
        {
            if (IsOurs(slice.Metadata) && slice.Metadata.Labels.TryGetValue(EndpointSliceController.ServiceLabel, out var name))
            {
                _expectations.Gone(new ObjectKey(slice.Metadata.NamespaceProperty, name), slice.Metadata.Name);
            }
            EnqueueOwned(slice);
        }));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var existing = _slices.Store.ListNamespace(key.Namespace)
            .Where(
                s => IsOurs(s.Metadata) && s.Metadata.Labels.TryGetValue(EndpointSliceController.ServiceLabel, out var name)
                    && name == key.Name).ToList();
        if (!_expectations.UpToDate(key, existing))
        {
            return ReconcileResult.Done;
        }
        var wanted = _endpoints.Store.Get(key) is { } endpoints && Mirrored(endpoints) && _services.Store.Get(key) is { } service
            && service.Spec.Selector is not { Count: > 0 }
            ? Slices(endpoints) : [];
        foreach (var slice in wanted)
        {
            // A slice of the same family and ports is taken over, whatever it holds.
            var match =
                existing.Find(s => s.AddressType == slice.AddressType && SlicePlan.PortsKey(s.Ports) == SlicePlan.PortsKey(slice.Ports));
            if (match is null)
            {
                _expectations.Written(key, await Client.CreateAsync(slice, cancellationToken).ConfigureAwait(false));
                continue;
            }
            existing.Remove(match);
            if (!JsonCompare.Same(match.Endpoints, slice.Endpoints) || !JsonCompare.Same(match.Metadata.Labels, slice.Metadata.Labels))
            {
                _expectations.Written(key, await Client.UpdateAsync(
                    match with
                    {
                        Metadata = match.Metadata with { Labels = slice.Metadata.Labels },
                        Endpoints = slice.Endpoints,
                        Ports = slice.Ports,
                    },
                    cancellationToken).ConfigureAwait(false));
            }
        }
        foreach (var slice in existing)
        {
            await DeleteAsync(key, slice, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task DeleteAsync(ObjectKey key, V1EndpointSlice slice, CancellationToken cancellationToken)
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

    private static List<V1EndpointSlice> Slices(V1Endpoints endpoints)
    {
        var slices = new List<V1EndpointSlice>();
        foreach (var subset in endpoints.Subsets ?? [])
        {
            foreach (var family in (string[])["IPv4", "IPv6"])
            {
                var content = Addresses(subset.Addresses, family, ready: true)
                    .Concat(Addresses(subset.NotReadyAddresses, family, ready: false))
                    .Take(MostInSubset)
                    .ToList();
                if (content.Count > 0)
                {
                    slices.Add(New(endpoints, family, subset, content));
                }
            }
        }
        return slices;
    }

    private static IEnumerable<V1Endpoint> Addresses(IList<V1EndpointAddress>? addresses, string family, bool ready)
    {
        foreach (var address in addresses ?? [])
        {
            if (ServicePods.IsFamily(address.Ip, family))
            {
                yield return new V1Endpoint
                {
                    Addresses = [address.Ip],
                    Conditions = new V1EndpointConditions { Ready = ready },
                    Hostname = string.IsNullOrEmpty(address.Hostname) ? null : address.Hostname,
                    NodeName = address.NodeName,
                    TargetRef = address.TargetRef,
                };
            }
        }
    }

    private static V1EndpointSlice New(V1Endpoints endpoints, string family, V1EndpointSubset subset, List<V1Endpoint> content)
    {
        var labels = new Dictionary<string, string>(endpoints.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [EndpointSliceController.ServiceLabel] = endpoints.Metadata.Name,
            [EndpointSliceController.ManagerLabel] = Manager,
        };
        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = endpoints.Metadata.Name + "-",
                NamespaceProperty = endpoints.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [OwnerReferences.NewController(endpoints, "v1", "Endpoints")],
            },
            AddressType = family,
            Endpoints = content,
            Ports = [.. (subset.Ports
                ?? []).Select(p => new Discoveryv1EndpointPort
                {
                    Name = p.Name ?? "",
                    Port = p.Port,
                    Protocol = p.Protocol ?? "TCP",
                    AppProtocol = p.AppProtocol,
                })],
        };
    }

    private static bool Mirrored(V1Endpoints endpoints) =>
        endpoints.Metadata.DeletionTimestamp is null && !Truthy(endpoints.Metadata.Labels, SkipLabel)
        && endpoints.Metadata.Annotations?.ContainsKey(LeaderAnnotation) != true;

    private static bool Truthy(IDictionary<string, string>? labels, string name) =>
        labels is not null && labels.TryGetValue(name, out var value) && value == "true";

    private static bool IsOurs(V1ObjectMeta metadata) =>
        metadata.Labels?.TryGetValue(EndpointSliceController.ManagerLabel, out var manager) == true && manager == Manager;

    private void EnqueueOwned(CachedObject slice)
    {
        if (IsOurs(slice.Metadata) && slice.Metadata.Labels.TryGetValue(EndpointSliceController.ServiceLabel, out var name))
        {
            Queue.Add(new ObjectKey(slice.Metadata.NamespaceProperty, name));
        }
    }
}
