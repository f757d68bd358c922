using System.Text;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.EndpointSlices;

/// <summary>
/// Which slices of one Service are to be created, changed or deleted, so that they hold the wanted endpoints with as few
/// writes as possible.
/// </summary>
internal sealed class SlicePlan(V1Service service, IReadOnlyDictionary<string, string> labels, int mostInSlice)
{
    internal List<V1EndpointSlice> Create { get; } = [];

    internal List<V1EndpointSlice> Update { get; } = [];

    internal List<V1EndpointSlice> Delete { get; } = [];

    /// <summary>Plans the slices of one address family.</summary>
    /// <param name="family"><c>IPv4</c> or <c>IPv6</c>.</param>
    /// <param name="wanted">The endpoints, by their list of ports.</param>
    /// <param name="existing">The slices there are of this family.</param>
    internal void Add(
        string family, Dictionary<string, (IList<Discoveryv1EndpointPort> Ports, List<V1Endpoint> Endpoints)> wanted,
        List<V1EndpointSlice> existing)
    {
        if (wanted.Count == 0)
        {
            wanted[""] = ([], []);
        }
        var rest = new List<V1EndpointSlice>(existing);
        foreach (var (key, (ports, endpoints)) in wanted)
        {
            var slices = rest.FindAll(s => PortsKey(s.Ports) == key);
            rest.RemoveAll(slices.Contains);
            if (slices.Count == 0 && rest.Find(s => s.Endpoints is not { Count: > 0 }) is { } empty)
            {
                rest.Remove(empty);
                slices.Add(empty);
            }
            Fit(family, ports, endpoints, slices);
        }
        Delete.AddRange(rest);
    }

    internal static string PortsKey(IList<Discoveryv1EndpointPort>? ports)
    {
        var key = new StringBuilder();
        foreach (var port in (ports ?? []).OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            key.Append(port.Name)
                .Append('/')
                .Append(port.Protocol ?? "TCP")
                .Append('/')
                .Append(port.Port)
                .Append('/')
                .Append(port.AppProtocol)
                .Append(';');
        }
        return key.ToString();
    }

    private void Fit(string family, IList<Discoveryv1EndpointPort> ports, List<V1Endpoint> endpoints, List<V1EndpointSlice> slices)
    {
        var waiting = endpoints.ToDictionary(Identity);
        var contents = new List<List<V1Endpoint>>();
        foreach (var slice in slices)
        {
            var content = new List<V1Endpoint>();
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (waiting.Remove(Identity(endpoint), out var current))
                {
                    content.Add(current);
                }
            }
            contents.Add(content);
        }
        var left = new Queue<V1Endpoint>(waiting.Values);
        // Slices that change anyway are filled first, then others, then new ones are made.
        foreach (var i in Enumerable.Range(0, slices.Count)
            .OrderByDescending(i => Changed(slices[i], ports, contents[i]))
            .ThenByDescending(i => contents[i].Count))
        {
            while (left.Count > 0 && contents[i].Count < mostInSlice)
            {
                contents[i].Add(left.Dequeue());
            }
        }
        for (var i = 0; i < slices.Count; i++)
        {
            if (contents[i].Count == 0
                && (slices.Count > 1 && contents.Exists(c => c.Count > 0) || i > 0 && contents.TrueForAll(c => c.Count == 0)))
            {
                Delete.Add(slices[i]);
            }
            else if (Changed(slices[i], ports, contents[i]))
            {
                Update.Add(slices[i] with { Metadata = Labelled(slices[i].Metadata), Ports = ports, Endpoints = contents[i] });
            }
        }
        while (left.Count > 0 || (slices.Count == 0 && Create.TrueForAll(s => s.AddressType != family)))
        {
            var content = new List<V1Endpoint>();
            while (left.Count > 0 && content.Count < mostInSlice)
            {
                content.Add(left.Dequeue());
            }
            Create.Add(New(family, ports, content));
        }
    }

    private bool Changed(V1EndpointSlice slice, IList<Discoveryv1EndpointPort> ports, List<V1Endpoint> content) =>
        PortsKey(slice.Ports) != PortsKey(ports) || !JsonCompare.Same<IList<V1Endpoint>>(slice.Endpoints ?? [], content)
        || !JsonCompare.Same<object>(slice.Metadata.Labels, labels);

    private V1ObjectMeta Labelled(V1ObjectMeta metadata) => metadata with { Labels = new Dictionary<string, string>(labels) };

    private V1EndpointSlice New(string family, IList<Discoveryv1EndpointPort> ports, List<V1Endpoint> content) => new()
    {
        Metadata = new V1ObjectMeta
        {
            GenerateName = service.Metadata.Name + "-",
            NamespaceProperty = service.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string>(labels),
            OwnerReferences = [OwnerReferences.NewController(service, "v1", "Service")],
        },
        AddressType = family,
        Ports = ports,
        Endpoints = content,
    };

    private static string Identity(V1Endpoint endpoint) => endpoint.TargetRef?.Uid + "/" + endpoint.Addresses[0];
}
