using KubeLite.ApiMachinery.Errors;
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

        bool nowhere = definition.Namespaced && info.Namespace.Length == 0;
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

        if (definition.Facts.Supports(info.Verb))
        {
            return true;
        }

        throw new ApiException(
            405, "MethodNotAllowed", $"{info.Verb} is not supported on resources of kind {FieldError.GoQuote(ApiException.Qualified(definition.Name, definition.Group))}",
            new("", definition.Group, definition.Name));
    }
}
