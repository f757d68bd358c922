using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Streaming;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Subresources;

/// <summary>
/// pods/NAME/exec, attach and portforward: the caller's connection is upgraded and joined with one to the kubelet. What they
/// say passes as it is, but for the WebSockets of newer clients where the node doesn't declare that its kubelet takes them:
/// those become SPDY/3.1 here (KEP-4006).
/// </summary>
public sealed class PodStreamEndpoints(
    ResourceRegistry registry, Authorizer authorizer, KubeletLocator locator, BackendConnector kubelets, UpgradeTunnel tunnel,
    WebSocketTunnel webSockets, StreamTranslator translator)
{
    /// <summary>Runs a command in a container.</summary>
    public Task ExecAsync(ApiRequest request, ResourceDefinition definition) => ContainerAsync(request, "exec");

    /// <summary>Attaches to a container's process.</summary>
    public Task AttachAsync(ApiRequest request, ResourceDefinition definition) => ContainerAsync(request, "attach");

    /// <summary>Forwards ports of a Pod.</summary>
    public async Task PortForwardAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap pod = await FindAsync(request);
        string node = NodeOf(pod, request.Info.Name);
        Kubelet kubelet = await locator.FindAsync(node, request.Aborted);
        string target = $"/portForward/{request.Info.Namespace}/{request.Info.Name}";
        List<string> ports = [.. request.Http.Request.Query["ports"].OfType<string>().Where(p => p.Length > 0)];
        if (ports.Count > 0)
        {
            target += "?port=" + Uri.EscapeDataString(string.Join(',', ports));
        }

        if (!kubelet.StreamsWebSockets && WebSocketTunnel.Carries(request))
        {
            await webSockets.RunAsync(request, kubelets, kubelet.Address, target);
            return;
        }

        await JoinAsync(request, kubelet, target);
    }

    private async Task ContainerAsync(ApiRequest request, string what)
    {
        JsonMap pod = await FindAsync(request);
        string container = PodContainers.Choose(pod, request.Query("container") ?? "");
        Kubelet kubelet = await locator.FindAsync(NodeOf(pod, request.Info.Name), request.Aborted);
        ContainerStreams streams = Streams(request.Http.Request.Query, what);
        string target =
            $"/{what}/{request.Info.Namespace}/{request.Info.Name}/{container}{Parameters(request.Http.Request.Query, streams, what)}";
        if (!kubelet.StreamsWebSockets && StreamTranslator.Takes(request))
        {
            await translator.RunAsync(request, kubelets, kubelet.Address, target, streams);
            return;
        }

        await JoinAsync(request, kubelet, target);
    }

    /// <summary>What the caller wants; attach shows output unless told otherwise.</summary>
    private static ContainerStreams Streams(IQueryCollection query, string what)
    {
        return new ContainerStreams(
            Flag("stdin", false), Flag("stdout", what == "attach"), Flag("stderr", what == "attach"), Flag("tty", false));

        bool Flag(string name, bool otherwise) => query.ContainsKey(name) ? QueryFlags.IsTrue(query, name) : otherwise;
    }

    /// <summary>The kubelet's names of the options.</summary>
    private static string Parameters(IQueryCollection query, ContainerStreams streams, string what)
    {
        var parameters = new List<string>();
        Flag(streams.Stdin, "input");
        Flag(streams.Stdout, "output");
        Flag(streams.Stderr, "error");
        Flag(streams.Tty, "tty");
        if (what == "exec")
        {
            parameters.AddRange(query["command"].Select(word => $"command={Uri.EscapeDataString(word ?? "")}"));
        }

        return parameters.Count == 0 ? "" : "?" + string.Join('&', parameters);

        void Flag(bool wanted, string name)
        {
            if (wanted)
            {
                parameters.Add(name + "=1");
            }
        }
    }

    private async Task<JsonMap> FindAsync(ApiRequest request)
    {
        if (HttpMethods.IsGet(request.Http.Request.Method))
        {
            // A WebSocket begins with a GET; what it does takes the right to create, as with SPDY's POST.
            authorizer.Require(AuthorizationAttributes.Of(request) with { Verb = "create" });
        }

        return await registry.FindNewestAsync("", "pods", request.Info.Namespace, request.Info.Name, request.Aborted)
            ?? throw ApiException.NotFound("", "pods", request.Info.Name);
    }

    private static string NodeOf(JsonMap pod, string name) => pod.Map("spec")?.String("nodeName") is { Length: > 0 } node
        ? node
        : throw ApiException.BadRequest($"pod {name} does not have a host assigned");

    private Task JoinAsync(ApiRequest request, Kubelet kubelet, string target) => UpgradeTunnel.IsUpgrade(request)
        ? tunnel.RunAsync(request, kubelets, kubelet.Address, target)
        : throw ApiException.BadRequest("Upgrade request required");
}
