using System.Diagnostics.CodeAnalysis;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Subresources;

/// <summary>
/// Who answers for what: subresources, and resources that are questions rather than stored objects. Where nobody was
/// named, a subresource that reads and writes a part of the object (status, approval) is served generically.
/// </summary>
public sealed class SubresourceCatalog(ReadEndpoint reads, WriteEndpoint writes, PatchEndpoint patches)
{
    private readonly Dictionary<(string Group, string Resource, string Subresource), Func<ApiRequest, ResourceDefinition, Task>>
        _handlers = [];

    /// <summary>Names who answers for a subresource, or for a resource where the subresource is empty. A resource of "*" is any.</summary>
    public SubresourceCatalog Add(string group, string resource, string subresource, Func<ApiRequest, ResourceDefinition, Task> handler)
    {
        _handlers.Add((group, resource, subresource), handler);
        return this;
    }

    /// <summary>Who answers for a resource that isn't stored.</summary>
    public bool TryGetVirtual(ResourceDefinition definition, [NotNullWhen(true)] out Func<ApiRequest, ResourceDefinition, Task>? handler) =>
        _handlers.TryGetValue((definition.Group, definition.Name, ""), out handler);

    /// <summary>Answers a request for a subresource.</summary>
    public Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        RequestInfo info = request.Info;
        if (definition.Custom)
        {
            if (definition.Namespaced && !info.InNamespace)
            {
                return ObjectResponse.SendTextAsync(request, 404, "404 page not found\n");
            }

            RouteRules.CheckSubresource(info, definition);
        }

        if (!definition.Subresources.TryGetValue(info.Subresource, out ResourceFacts? facts))
        {
            throw ApiException.UnknownPath();
        }

        // A proxy takes any path below it and any method; what it makes of them is the backend's affair.
        bool proxy = info.Subresource == "proxy";
        if ((info.Remainder.Length > 0 && !proxy) || definition.Namespaced != info.InNamespace)
        {
            throw ApiException.UnknownPath();
        }

        if (info.Name.Length == 0 && !definition.Custom && (proxy || facts.Supports(NamedVerb(request.Http.Request.Method))))
        {
            throw ApiException.BadRequest("name must be provided");
        }

        bool head = HttpMethods.IsHead(request.Http.Request.Method) && !definition.Custom;
        if ((!facts.Supports(info.Verb) || head) && !proxy)
        {
            throw ApiException.MethodNotAllowed();
        }

        RouteRules.RequireKey(info, definition.Namespaced);
        if (_handlers.TryGetValue((definition.Group, definition.Name, info.Subresource), out var handler) ||
            _handlers.TryGetValue(("*", "*", info.Subresource), out handler))
        {
            return handler(request, definition);
        }

        return info.Verb switch
        {
            "get" => reads.GetAsync(request, definition),
            "update" => writes.UpdateAsync(request, definition),
            "patch" => patches.PatchAsync(request, definition),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    /// <summary>The verb of a method on a path with a name, also where the name in it is empty.</summary>
    private static string NamedVerb(string method) => method switch
    {
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    };
}
