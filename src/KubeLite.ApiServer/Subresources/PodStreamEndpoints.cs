using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Streaming;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Subresources;

/// <summary>
/// pods/NAME/exec, attach and portforward: the caller's connection is upgraded and joined with one to the kubelet, which
/// speaks SPDY/3.1 or a channel.k8s.io WebSocket with the caller itself.
/// </summary>
public sealed class PodStreamEndpoints(
    ResourceRegistry registry, Authorizer authorizer, KubeletLocator locator, BackendConnector kubelets, UpgradeTunnel tunnel, WebSocketTunnel webSockets)
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
        BackendAddress address = await locator.FindAsync(node, request.Aborted);
        string target = $"/portForward/{request.Info.Namespace}/{request.Info.Name}";
        List<string> ports = [.. request.Http.Request.Query["ports"].OfType<string>().Where(p => p.Length > 0)];
        if (ports.Count > 0)
        {
            target += "?port=" + Uri.EscapeDataString(string.Join(',', ports));
        }

        if (WebSocketTunnel.Carries(request))
        {
            await webSockets.RunAsync(request, kubelets, address, target);
            return;
        }

        await JoinAsync(request, address, target);
    }

    private async Task ContainerAsync(ApiRequest request, string what)
    {
        JsonMap pod = await FindAsync(request);
        string container = PodContainers.Choose(pod, request.Query("container") ?? "");
        BackendAddress address = await locator.FindAsync(NodeOf(pod, request.Info.Name), request.Aborted);
        await JoinAsync(request, address, $"/{what}/{request.Info.Namespace}/{request.Info.Name}/{container}{Parameters(request, what)}");
    }

    /// <summary>The kubelet's names of the options; attach shows output unless told otherwise.</summary>
    private static string Parameters(ApiRequest request, string what)
    {
        IQueryCollection query = request.Http.Request.Query;
        var parameters = new List<string>();
        Flag("stdin", "input", false);
        Flag("stdout", "output", what == "attach");
        Flag("stderr", "error", what == "attach");
        Flag("tty", "tty", false);
        if (what == "exec")
        {
            parameters.AddRange(query["command"].Select(word => $"command={Uri.EscapeDataString(word ?? "")}"));
        }

        return parameters.Count == 0 ? "" : "?" + string.Join('&', parameters);

        void Flag(string name, string theirs, bool otherwise)
        {
            if (query.ContainsKey(name) ? QueryFlags.IsTrue(query, name) : otherwise)
            {
                parameters.Add(theirs + "=1");
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

    private Task JoinAsync(ApiRequest request, BackendAddress address, string target) => UpgradeTunnel.IsUpgrade(request)
        ? tunnel.RunAsync(request, kubelets, address, target)
        : throw ApiException.BadRequest("Upgrade request required");
}
