using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Requests;

/// <summary>
/// What a request is about, read off its method and path as Kubernetes reads it (apiserver's RequestInfoFactory): the
/// verb and, for resources, group, version, namespace, resource, subresource and name.
/// </summary>
public sealed class RequestInfo
{
    /// <summary>The path as it was sent, decoded: <c>..</c> stays, and <c>%2F</c> is a slash like any other.</summary>
    public required string Path { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete or deletecollection; for other paths the method in lower case.</summary>
    public required string Verb { get; set; }

    /// <summary>True where the path names a resource under /api or /apis.</summary>
    public bool IsResource { get; init; }

    /// <summary>api or apis.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The version.</summary>
    public string Version { get; init; } = "";

    /// <summary>The namespace; empty for none or all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>True where the path has a namespace before the resource, though it may be empty: <c>/namespaces//pods</c>.</summary>
    public bool InNamespace { get; init; }

    /// <summary>The namespace that objects are in: that of a Namespace itself is none, though authorization counts it as its own.</summary>
    public string ObjectNamespace => Group.Length == 0 && Resource == "namespaces" ? "" : Namespace;

    /// <summary>The plural name of the resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource; empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The object's name; empty for collections.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The name as the path has it: empty for a list of one name, which <see cref="Name"/> takes from its field selector.
    /// </summary>
    public string PathName { get; init; } = "";

    /// <summary>What follows the subresource, for proxies; empty for nothing.</summary>
    public string Remainder { get; init; } = "";

    /// <summary>True for the old /watch/ paths.</summary>
    public bool WatchPath { get; init; }

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Reads a request.</summary>
    public static RequestInfo Of(HttpRequest request)
    {
        string path = PathOf(request);
        string method = request.Method;
        string[] parts = path.Trim('/').Split('/');
        if (parts.Length < 3 || parts[0] is not ("api" or "apis") || (parts[0] == "apis" && parts.Length < 4))
        {
            return new RequestInfo { Path = path, Verb = method.ToLowerInvariant() };
        }

        bool core = parts[0] == "api";
        string group = core ? "" : parts[1];
        string version = core ? parts[1] : parts[2];
        ReadOnlySpan<string> rest = parts.AsSpan(core ? 2 : 3);
        bool watchPath = false;
        if (rest[0] == "watch")
        {
            watchPath = true;
            rest = rest[1..];
            if (rest.Length == 0)
            {
                return new RequestInfo { Path = path, Verb = method.ToLowerInvariant() };
            }
        }

        string ns = "";
        bool inNamespace = false;
        if (rest[0] == "namespaces")
        {
            if (rest.Length > 1)
            {
                ns = rest[1];
                // A namespace's own subresources are below it like any other resource would be.
                if (rest.Length > 2 && rest[2] is not ("finalize" or "status"))
                {
                    rest = rest[2..];
                    inNamespace = true;
                }
            }
        }

        string resource = rest[0];
        string name = rest.Length > 1 ? rest[1] : "";
        string subresource = rest.Length > 2 ? rest[2] : "";
        var info = new RequestInfo
        {
            Path = path,
            IsResource = true,
            Prefix = parts[0],
            Group = group,
            Version = version,
            Namespace = ns,
            InNamespace = inNamespace,
            Resource = resource,
            Name = name,
            PathName = name,
            Subresource = subresource,
            Remainder = rest.Length > 3 ? string.Join('/', rest[3..]) : "",
            WatchPath = watchPath,
            Verb = "",
        };
        info.Verb = VerbOf(method, request.Query, info);
        return info;
    }

    /// <summary>
    /// The path without what the web server makes of it: it takes dot segments away and leaves %2F, while Go, whose
    /// <c>URL.Path</c> Kubernetes reads, decodes all and takes nothing away.
    /// </summary>
    private static string PathOf(HttpRequest request)
    {
        string made = request.Path.Value ?? "/";
        string? target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (target is null || !target.StartsWith('/'))
        {
            return made;
        }

        ReadOnlySpan<char> sent = target.AsSpan();
        int query = sent.IndexOf('?');
        sent = query < 0 ? sent : sent[..query];
        return sent.Contains('%') || sent.IndexOf("/.", StringComparison.Ordinal) >= 0 ? Uri.UnescapeDataString(sent) : made;
    }

    private static string VerbOf(string method, IQueryCollection query, RequestInfo info)
    {
        switch (method)
        {
            case "POST":
                return "create";
            case "PUT":
                return "update";
            case "PATCH":
                return "patch";
            case "DELETE":
                return info.Name.Length > 0 ? "delete" : "deletecollection";
            case "GET" or "HEAD":
                if (info.WatchPath)
                {
                    return "watch";
                }

                if (info.Name.Length > 0)
                {
                    return "get";
                }

                // A list of one name is authorized by that name.
                string selector = query["fieldSelector"].ToString();
                if (selector.StartsWith("metadata.name=", StringComparison.Ordinal) && !selector.Contains(','))
                {
                    info.Name = selector["metadata.name=".Length..].TrimStart('=');
                    if (!ValidName(info.Name))
                    {
                        info.Name = "";
                    }
                }

                return QueryFlags.IsTrue(query, "watch") ? "watch" : "list";
            default:
                return method.ToLowerInvariant();
        }
    }

    private static bool ValidName(string name) => name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '%') < 0;
}
