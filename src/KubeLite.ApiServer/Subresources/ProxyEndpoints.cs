using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Subresources;

/// <summary>pods/NAME/proxy, services/NAME/proxy and nodes/NAME/proxy: any request, passed on to what serves there.</summary>
public sealed class ProxyEndpoints(
    ResourceRegistry registry, KubeletLocator locator, BackendConnector kubelets, BackendConnector workloads, UpgradeTunnel tunnel)
{
    /// <summary>To a port of a Pod: the one that is named, else its first.</summary>
    public async Task PodAsync(ApiRequest request, ResourceDefinition definition)
    {
        ProxyTarget target = ProxyTarget.Parse(request.Info.Name) ?? throw Invalid(request, "pod");
        JsonMap pod = await registry.FindNewestAsync("", "pods", request.Info.Namespace, target.Name, request.Aborted)
            ?? throw ApiException.NotFound("", "pods", target.Name);
        string ip = pod.Map("status")?.String("podIP") ?? "";
        RequireProxyable(ip);
        int port = target.Port.Length > 0 ? Number(target.Port, request, "pod") : FirstPort(pod);
        await PassAsync(request, definition, workloads, new BackendAddress(Scheme(target), ip, port));
    }

    /// <summary>To a ready endpoint of a Service.</summary>
    public async Task ServiceAsync(ApiRequest request, ResourceDefinition definition)
    {
        ProxyTarget target = ProxyTarget.Parse(request.Info.Name) ?? throw Invalid(request, "service");
        JsonMap service = await registry.FindNewestAsync("", "services", request.Info.Namespace, target.Name, request.Aborted)
            ?? throw ApiException.NotFound("", "services", target.Name);
        string portName = PortName(service, target);
        (string Ip, int Port) endpoint = await EndpointAsync(request, target.Name, portName)
            ?? throw Unavailable($"no endpoints available for service {FieldError.GoQuote(request.Info.Name)}");
        await PassAsync(request, definition, workloads, new BackendAddress(Scheme(target), endpoint.Ip, endpoint.Port));
    }

    /// <summary>To the kubelet of a node, or to another port there.</summary>
    public async Task NodeAsync(ApiRequest request, ResourceDefinition definition)
    {
        ProxyTarget target = ProxyTarget.Parse(request.Info.Name) ?? throw Invalid(request, "node");
        BackendAddress kubelet = (await locator.FindAsync(target.Name, request.Aborted)).Address;
        int port = target.Port.Length > 0 ? Number(target.Port, request, "node") : kubelet.Port;
        if (port == kubelet.Port)
        {
            await PassAsync(request, definition, kubelets, kubelet);
            return;
        }

        foreach (IPAddress address in await ResolveAsync(kubelet.Host, request.Aborted))
        {
            RequireProxyable(address.ToString());
        }

        await PassAsync(request, definition, workloads, new BackendAddress(Scheme(target), kubelet.Host, port));
    }

    private Task PassAsync(ApiRequest request, ResourceDefinition definition, BackendConnector connector, BackendAddress address)
    {
        (string here, string path) = Paths(request, definition);
        string query = request.Http.Request.QueryString.Value ?? "";
        if (UpgradeTunnel.IsUpgrade(request))
        {
            return tunnel.RunAsync(request, connector, address, (path.Length == 0 ? "/" : path) + query);
        }

        if (path.Length == 0 && (HttpMethods.IsGet(request.Http.Request.Method) || HttpMethods.IsHead(request.Http.Request.Method)))
        {
            // Relative links of the backend's root would be off by one segment.
            request.Http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            request.Http.Response.Headers.Location = here + "/" + query;
            return Task.CompletedTask;
        }

        return ReverseProxy.RunAsync(request, connector, address, (path.Length == 0 ? "/" : path) + query, here);
    }

    /// <summary>The path as it was sent, escapes and all: up to "proxy", and what is behind it.</summary>
    private static (string Here, string Path) Paths(ApiRequest request, ResourceDefinition definition)
    {
        string raw = request.Http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int query = raw.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? raw : raw[..query];
        // /api/v1/namespaces/NS/pods/NAME/proxy, or without namespaces and NS.
        int at = 0;
        for (int segments = definition.Namespaced ? 7 : 5; segments > 0 && at >= 0; segments--)
        {
            at = path.IndexOf('/', at + 1);
        }

        return at < 0 ? (path, "") : (path[..at], path[at..]);
    }

    private static string PortName(JsonMap service, ProxyTarget target)
    {
        if (!long.TryParse(target.Port, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return target.Port;
        }

        foreach (JsonMap port in service.Map("spec")?.List("ports")?.Maps() ?? [])
        {
            if (port.Integer("port") == number)
            {
                return port.String("name") ?? "";
            }
        }

        throw Unavailable($"no service port {number} found for service {FieldError.GoQuote(target.Name)}");
    }

    /// <summary>A ready endpoint that is a Pod of the namespace: others could be anything that the API server reaches.</summary>
    private async Task<(string Ip, int Port)?> EndpointAsync(ApiRequest request, string service, string portName)
    {
        var found = new List<(string, int)>();
        foreach (JsonMap slice in await registry.ListNewestAsync(
            "discovery.k8s.io", "endpointslices", request.Info.Namespace, request.Aborted))
        {
            if (slice.Map("metadata")?.Map("labels")?.String("kubernetes.io/service-name") != service ||
                slice.List("ports")?.Maps().FirstOrDefault(p => (p.String("name") ?? "") == portName)?.Integer("port") is not { } port)
            {
                continue;
            }

            foreach (JsonMap endpoint in slice.List("endpoints")?.Maps() ?? [])
            {
                if (endpoint.Map("conditions")?["ready"] is not false && endpoint.List("addresses")?.FirstOrDefault() is string ip &&
                    await IsPodAsync(request, endpoint.Map("targetRef"), ip))
                {
                    found.Add((ip, (int)port));
                }
            }
        }

        return found.Count == 0 ? null : found[Random.Shared.Next(found.Count)];
    }

    private async Task<bool> IsPodAsync(ApiRequest request, JsonMap? target, string ip) =>
        target?.String("kind") == "Pod" && target.String("name") is { } name &&
        await registry.FindNewestAsync("", "pods", request.Info.Namespace, name, request.Aborted) is { } pod &&
        (pod.Map("status")?.String("podIP") == ip || pod.Map("status")?.List("podIPs")?.Maps().Any(p => p.String("ip") == ip) == true);

    private static int FirstPort(JsonMap pod) => (int)(pod.Map("spec")?.List("containers")?.Maps()
        .Select(c => c.List("ports")?.Maps().FirstOrDefault()?.Integer("containerPort"))
        .FirstOrDefault(p => p is not null) ?? 0);

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw ApiException.BadRequest($"lookup {host}: {e.Message}");
        }
    }

    /// <summary>Refuses addresses that mean the API server's own machine or no single one: the proxy is no way in there.</summary>
    private static void RequireProxyable(string ip)
    {
        bool proxyable = IPAddress.TryParse(ip, out IPAddress? address) && !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal &&
            !address.IsIPv6Multicast &&
            !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast) &&
            !(address.AddressFamily == AddressFamily.InterNetwork
                && (address.GetAddressBytes() is [169, 254, ..] or [>= 224 and < 240, ..]));
        if (!proxyable)
        {
            throw ApiException.BadRequest("address not allowed");
        }
    }

    private static int Number(string port, ApiRequest request, string kind) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue
            ? number
            : throw Invalid(request, kind);

    private static string Scheme(ProxyTarget target) => target.Scheme.Length > 0 ? target.Scheme : "http";

    private static ApiException Invalid(ApiRequest request, string kind) =>
        ApiException.BadRequest($"invalid {kind} request {FieldError.GoQuote(request.Info.Name)}");

    private static ApiException Unavailable(string message) => new(503, "ServiceUnavailable", message);
}
