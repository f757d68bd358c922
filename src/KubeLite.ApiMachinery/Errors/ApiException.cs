using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Errors;

/// <summary>
/// A request that ends in a Status: code, reason, message and details as Kubernetes v1.36 gives them
/// (apimachinery's <c>api/errors</c>). The only exception that endpoints turn into an answer.
/// </summary>
public sealed class ApiException : Exception
{
    /// <summary>An error with a code, a reason (empty for none) and a message.</summary>
    public ApiException(int code, string reason, string message, StatusDetails? details = null) : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>The HTTP status.</summary>
    public int Code { get; }

    /// <summary>Kubernetes' reason; empty for none.</summary>
    public string Reason { get; }

    /// <summary>What the error is about; null for nothing.</summary>
    public StatusDetails? Details { get; }

    /// <summary>The Status that is sent.</summary>
    public JsonMap ToStatus()
    {
        var status = new JsonMap
        {
            { "kind", "Status" },
            { "apiVersion", "v1" },
            { "metadata", new JsonMap() },
            { "status", "Failure" },
        };
        if (Message.Length > 0)
        {
            status.Append("message", Message);
        }

        if (Reason.Length > 0)
        {
            status.Append("reason", Reason);
        }

        if (Details is not null)
        {
            status.Append("details", Details.ToJson());
        }

        status.Append("code", (long)Code);
        return status;
    }

    /// <summary>The object isn't there.</summary>
    public static ApiException NotFound(string group, string resource, string name) =>
        new(404, "NotFound", $"{Qualified(resource, group)} {FieldError.GoQuote(name)} not found", new(name, group, resource));

    /// <summary>Nothing is served at that path.</summary>
    public static ApiException UnknownPath() =>
        new(404, "NotFound", "the server could not find the requested resource", new("", "", ""));

    /// <summary>An object of that name exists.</summary>
    public static ApiException AlreadyExists(string group, string resource, string name) =>
        new(409, "AlreadyExists", $"{Qualified(resource, group)} {FieldError.GoQuote(name)} already exists", new(name, group, resource));

    /// <summary>The object isn't in the state that the request needs.</summary>
    public static ApiException Conflict(string group, string resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(resource, group)} {FieldError.GoQuote(name)}: {why}",
            new(name, group, resource));

    /// <summary>The object's fields are wrong.</summary>
    public static ApiException Invalid(string group, string kind, string name, FieldErrors errors) =>
        new(
            422,
            "Invalid",
            $"{Qualified(kind, group)} {FieldError.GoQuote(name)} is invalid" + (errors.Count == 0 ? "" : $": {errors}"),
            new(name, group, kind)
            {
                Causes = [.. errors.Select(e => new StatusCause(e.Reason, e.Body, e.Field))],
            });

    /// <summary>The request is malformed.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The caller may not do that.</summary>
    public static ApiException Forbidden(string group, string resource, string name, string why) => new(
        403, "Forbidden",
        resource.Length == 0 ? $"forbidden: {why}" :
        name.Length == 0
            ? $"{Qualified(resource, group)} is forbidden: {why}"
            : $"{Qualified(resource, group)} {FieldError.GoQuote(name)} is forbidden: {why}",
        new(name, group, resource));

    /// <summary>The resource doesn't take the request's method.</summary>
    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new("", "", ""));

    /// <summary>A resourceVersion or continue token that is too old.</summary>
    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>A fault of the server.</summary>
    public static ApiException Internal(string message) =>
        new(500, "InternalError", $"Internal error occurred: {message}", new("", "", "") { Causes = [new("", message, "")] });

    /// <summary>The same error with another message and no details.</summary>
    public ApiException WithMessage(string message) => new(Code, Reason, message);

    /// <summary>Something failed in a way that has no reason of its own: 500 and the bare message.</summary>
    public static ApiException Bare(string message) => new(500, "", message);

    /// <summary>A name with its group as messages give it: <c>deployments.apps</c>.</summary>
    public static string Qualified(string name, string group) => group.Length == 0 ? name : $"{name}.{group}";
}
