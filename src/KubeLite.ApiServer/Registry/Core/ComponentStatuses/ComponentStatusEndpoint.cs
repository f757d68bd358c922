using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.ComponentStatuses;

/// <summary>
/// Gets and lists ComponentStatuses: components are asked anew for each request (Kubernetes v1.36, <c>componentstatus/rest.go</c>).
/// </summary>
/// <param name="components">Who is asked besides the store, which answers, or no request would be answered.</param>
public sealed class ComponentStatusEndpoint(IReadOnlyList<ComponentCheck> components)
{
    private readonly IReadOnlyList<ComponentCheck> _components =
        [.. components, new ComponentCheck("etcd-0", static _ => Task.FromResult(new ComponentHealth(true, "ok")))];

    /// <summary>Answers a request for one or for all.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        request.Warn("v1 ComponentStatus is deprecated in v1.19+");
        string name = request.Info.Name;
        List<ComponentCheck> asked = [.. _components.Where(c => name.Length == 0 || c.Name == name)];
        if (asked.Count == 0)
        {
            // Kubernetes names the resource so here, in the singular.
            throw ApiException.NotFound("", "componentstatus", name);
        }

        JsonMap[] items = await Task.WhenAll(asked.Select(component => StatusAsync(component, request.Aborted)));
        ResponseFormat format = ResponseFormat.Of(request.Http.Request, definition, list: name.Length == 0);
        await ObjectResponse.SendAsync(request, 200, Answer(request, definition, format, items), format);
    }

    private static async Task<JsonMap> StatusAsync(ComponentCheck component, CancellationToken cancellationToken)
    {
        ComponentHealth health = await component.AskAsync(cancellationToken);
        string status = health.IsHealthy ? "True" : "False";
        var condition = new JsonMap { { "type", "Healthy" }, { "status", status }, { "message", health.Message } };
        return new JsonMap { { "metadata", new JsonMap { { "name", component.Name } } }, { "conditions", new JsonList { condition } } };
    }

    private static JsonMap Answer(ApiRequest request, ResourceDefinition definition, ResponseFormat format, JsonMap[] items)
    {
        bool single = request.Info.Name.Length > 0;
        if (format.Shape == BodyShape.Table)
        {
            TableBuilder table = TableBuilder.For(request, definition);
            JsonMap answer = table.Begin([]);
            foreach (JsonMap item in items)
            {
                answer.List("rows")!.Add(table.Row(item));
            }

            return answer;
        }

        if (format.Shape is BodyShape.Metadata or BodyShape.MetadataList)
        {
            IEnumerable<JsonMap> metadata = items.Select(item => EntryEncoding.Metadata(item, definition));
            return single ? metadata.First() : List("PartialObjectMetadataList", "meta.k8s.io/v1", metadata);
        }

        return single ? Single(items[0]) : List("ComponentStatusList", "v1", items);
    }

    private static JsonMap Single(JsonMap item) => new()
    {
        { "kind", "ComponentStatus" }, { "apiVersion", "v1" }, { "metadata", item["metadata"] }, { "conditions", item["conditions"] },
    };

    private static JsonMap List(string kind, string apiVersion, IEnumerable<JsonMap> items) => new()
    {
        { "kind", kind }, { "apiVersion", apiVersion }, { "metadata", new JsonMap() }, { "items", new JsonList(items) },
    };
}
