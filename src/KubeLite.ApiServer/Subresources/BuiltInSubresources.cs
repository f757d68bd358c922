using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tables;

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
        ProxyEndpoints proxies)
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
            .Add("", "componentstatuses", "", ComponentStatusesAsync)
            .Add(Authz, "subjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "localsubjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "selfsubjectaccessreviews", "", reviews.AccessAsync)
            .Add(Authz, "selfsubjectrulesreviews", "", reviews.RulesAsync)
            .Add(Authn, "selfsubjectreviews", "", reviews.SelfAsync)
            .Add(Authn, "tokenreviews", "", reviews.TokenAsync);
    }

    /// <summary>The deprecated list of components: the store answers, or no request would.</summary>
    private static Task ComponentStatusesAsync(ApiRequest request, ResourceDefinition definition)
    {
        request.Warn("v1 ComponentStatus is deprecated in v1.19+");
        if (request.Info.Name is not ("" or "etcd-0"))
        {
            // Kubernetes names the resource so here, in the singular.
            throw ApiException.NotFound("", "componentstatus", request.Info.Name);
        }

        var item = new JsonMap
        {
            { "metadata", new JsonMap { { "name", "etcd-0" } } },
            { "conditions", new JsonList { new JsonMap { { "type", "Healthy" }, { "status", "True" }, { "message", "ok" } } } },
        };
        JsonMap answer = request.Info.Name.Length > 0
            ? new JsonMap
            {
                { "kind", "ComponentStatus" },
                { "apiVersion", "v1" },
                { "metadata", item["metadata"] },
                { "conditions", item["conditions"] },
            }
            : new JsonMap
            {
                { "kind", "ComponentStatusList" },
                { "apiVersion", "v1" },
                { "metadata", new JsonMap() },
                { "items", new JsonList { item } },
            };
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition, list: request.Info.Name.Length == 0);
        if (format.Shape == BodyShape.Table)
        {
            TableBuilder table = TableBuilder.For(request, definition);
            answer = table.Begin([]);
            answer.List("rows")!.Add(table.Row(item));
        }
        else if (format.Shape is BodyShape.Metadata or BodyShape.MetadataList)
        {
            JsonMap metadata = EntryEncoding.Metadata(item, definition);
            answer = request.Info.Name.Length > 0 ? metadata : new JsonMap
            {
                { "kind", "PartialObjectMetadataList" }, { "apiVersion", "meta.k8s.io/v1" }, { "metadata", new JsonMap() },
                { "items", new JsonList { metadata } },
            };
        }

        return ObjectResponse.SendAsync(request, 200, answer, format);
    }
}
