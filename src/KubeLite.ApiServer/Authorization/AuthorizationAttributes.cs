using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Authorization;

/// <summary>What someone wants to do.</summary>
public sealed record AuthorizationAttributes(UserInfo User, string Verb)
{
    /// <summary>True for resources, false for other paths.</summary>
    public bool IsResource { get; init; } = true;

    /// <summary>The group of the resource.</summary>
    public string Group { get; init; } = "";

    /// <summary>The version of the resource.</summary>
    public string Version { get; init; } = "";

    /// <summary>The resource.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource; empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty for all or none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name; empty for all.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path of what is no resource.</summary>
    public string Path { get; init; } = "";

    /// <summary>The resource with its subresource: <c>pods/log</c>.</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>What a request wants to do.</summary>
    public static AuthorizationAttributes Of(ApiRequest request) => new(request.User, request.Info.Verb)
    {
        IsResource = request.Info.IsResource,
        Group = request.Info.Group,
        Version = request.Info.Version,
        Resource = request.Info.Resource,
        Subresource = request.Info.Subresource,
        Namespace = request.Info.Namespace,
        Name = request.Info.Name,
        Path = request.Info.Path,
    };

    /// <summary>The refusal, in Kubernetes' words.</summary>
    public ApiException Refusal(string reason = "")
    {
        // It must not look like HTML to those who show it.
        string message = ForbiddenMessage()
            .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(
                ">", "&gt;", StringComparison.Ordinal);
        if (reason.Length > 0)
        {
            message += ": " + reason;
        }

        return IsResource
            ? ApiException.Forbidden(Group, Resource, Name, message)
            : new ApiException(403, "Forbidden", $"forbidden: {message}", new("", "", ""));
    }

    private string ForbiddenMessage()
    {
        string user = FieldError.GoQuote(User.Name);
        if (!IsResource)
        {
            return $"User {user} cannot {Verb} path {FieldError.GoQuote(Path)}";
        }

        string where = Namespace.Length > 0 ? $"in the namespace {FieldError.GoQuote(Namespace)}" : "at the cluster scope";
        return $"User {user} cannot {Verb} resource {FieldError.GoQuote(FullResource)} in API group {FieldError.GoQuote(Group)} {where}";
    }
}
