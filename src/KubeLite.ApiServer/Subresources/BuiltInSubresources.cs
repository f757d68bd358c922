using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Who answers for the subresources and questions of the built-in API.</summary>
public static class BuiltInSubresources
{
    private const string Authn = "authentication.k8s.io";
    private const string Authz = "authorization.k8s.io";

    /// <summary>Fills the catalog.</summary>
    public static SubresourceCatalog Make(
        SubresourceCatalog catalog, ResourceRegistry registry, ObjectCodec codec, ObjectStore objects, WriteEndpoint writes,
        ReadEndpoint reads, PatchEndpoint patches,
        Authorizer authorizer, ServiceAccountTokens accounts, StaticTokens tokens, PodLogEndpoint logs, PodStreamEndpoints streams,
        ProxyEndpoints proxies, ComponentStatusEndpoint components)
    {
        var pods = new PodEndpoints(registry, writes, objects);
        var reviews = new ReviewEndpoints(writes, authorizer, tokens, accounts);
        return catalog
            .Add("*", "*", "scale", new ScaleEndpoint(reads, writes, patches, objects).ServeAsync)
            .Add("", "pods", "binding", pods.BindAsync)
            .Add("", "bindings", "", pods.BindAsync)
            .Add("", "pods", "eviction", pods.EvictAsync)
            .Add("", "pods", "log", logs.ServeAsync)
            .Add("", "pods", "exec", streams.ExecAsync)
            .Add("", "pods", "attach", streams.AttachAsync)
            .Add("", "pods", "portforward", streams.PortForwardAsync)
            .Add("", "pods", "proxy", proxies.PodAsync)
            .Add("", "services", "proxy", proxies.ServiceAsync)
            .Add("", "nodes", "proxy", proxies.NodeAsync)
            .Add("", "namespaces", "finalize", new NamespaceFinalizeEndpoint(writes, objects).ServeAsync)
            .Add("", "serviceaccounts", "token", new TokenEndpoint(registry, codec, accounts).ServeAsync)
            .Add("", "componentstatuses", "", components.ServeAsync)
            .Add(Authz, "subjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "localsubjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "selfsubjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "selfsubjectrulesreviews", "", reviews.RulesAsync)
            .Add(Authn, "selfsubjectreviews", "", reviews.SelfAsync)
            .Add(Authn, "tokenreviews", "", reviews.TokenAsync);
    }
}
