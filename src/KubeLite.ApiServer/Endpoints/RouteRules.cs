using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// Which methods a path of a resource takes. Kubernetes registers a route for each path and method of a built-in kind, so
/// a method without a route is 405; custom resources share one handler, which refuses in other words.
/// </summary>
public static class RouteRules
{
    /// <summary>
    /// False for a path that leads to no handler though it can be taken apart: authorization trims slashes, but what chooses
    /// the handler compares the beginning of the path as it was sent (apiserver's <c>director</c> and <c>PathRecorderMux</c>).
    /// </summary>
    public static bool IsRouted(RequestInfo info) =>
        !info.Path.StartsWith("//", StringComparison.Ordinal) && (info.Prefix != "apis" || info.Group.Length > 0);

    /// <summary>A path names an object that a store can hold (generic registry's <c>NamespaceKeyFunc</c>).</summary>
    /// <exception cref="ApiException">400: it does not.</exception>
    public static void RequireKey(RequestInfo info, bool namespaced)
    {
        if (namespaced && info.Namespace.Length == 0)
        {
            throw ApiException.BadRequest("Namespace parameter required.");
        }

        if (NameRules.PathSegment(info.Name).ToList() is { Count: > 0 } faults)
        {
            throw ApiException.BadRequest($"Name parameter invalid: {FieldError.GoQuote(info.Name)}: {string.Join(';', faults)}");
        }
    }

    /// <summary>Refuses a request whose method the path doesn't take.</summary>
    /// <returns>False where nothing is served at the path at all.</returns>
    /// <exception cref="ApiException">400 or 405.</exception>
    public static bool Check(ApiRequest request, ResourceDefinition definition)
    {
        RequestInfo info = request.Info;
        string method = request.Http.Request.Method;
        bool head = HttpMethods.IsHead(method), reads = HttpMethods.IsGet(method) || (head && definition.Custom);
        if (head && (info.Verb == "watch" || QueryFlags.IsTrue(request.Http.Request.Query, "watch")))
        {
            // An answer without a body ends with its headers; a watch would go on behind it.
            throw ApiException.MethodNotAllowed();
        }

        bool nowhere = definition.Namespaced && !info.InNamespace;
        if (definition.Custom)
        {
            return CheckCustom(info, definition, reads, nowhere);
        }

        bool item = info.PathName.Length > 0;
        if (nowhere && (item || !definition.Facts.Supports("list")))
        {
            throw ApiException.UnknownPath();
        }

        bool taken = reads || (item
            ? HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method)
            : HttpMethods.IsPost(method) || HttpMethods.IsDelete(method));
        if (!taken || (nowhere && !reads) || (info.WatchPath && !reads) || !definition.Facts.Supports(info.Verb))
        {
            throw ApiException.MethodNotAllowed();
        }

        bool watched = QueryFlags.IsTrue(request.Http.Request.Query, "watch");
        if (info.Verb == "deletecollection" || (item && !watched && info.Verb is ("get" or "update" or "patch" or "delete")))
        {
            RequireKey(info, definition.Namespaced);
        }

        return true;
    }

    private static bool CheckCustom(RequestInfo info, ResourceDefinition definition, bool reads, bool nowhere)
    {
        if (nowhere && (!reads || info.PathName.Length > 0))
        {
            return false;
        }

        if (info.Verb is "update" or "patch" && info.PathName.Length == 0)
        {
            throw ApiException.BadRequest("name must be provided");
        }

        // Not what discovery shows: of a definition that is being deleted objects are changed still, or their finalizers never went.
        if (info.Verb is "get" or "list" or "watch" or "create" or "update" or "patch" or "delete" or "deletecollection")
        {
            if (info.PathName.Length > 0 && info.Verb is ("get" or "update" or "patch" or "delete"))
            {
                RequireKey(info, definition.Namespaced);
            }

            return true;
        }

        throw NotSupported(info, definition);
    }

    /// <summary>Refuses a request for a subresource that a custom resource doesn't have, or by a verb that it doesn't take.</summary>
    /// <exception cref="ApiException">404 or 405.</exception>
    public static void CheckSubresource(RequestInfo info, ResourceDefinition definition)
    {
        if (!definition.Subresources.TryGetValue(info.Subresource, out ResourceFacts? facts))
        {
            throw ApiException.NotFound(definition.Group, definition.Name, info.Name);
        }

        if (!facts.Supports(info.Verb))
        {
            throw NotSupported(info, definition);
        }
    }

    private static ApiException NotSupported(RequestInfo info, ResourceDefinition definition) => new(
        405, "MethodNotAllowed",
        $"{info.Verb} is not supported on resources of kind {FieldError.GoQuote(ApiException.Qualified(definition.Name, definition.Group))}",
        new("", definition.Group, definition.Name));
}
