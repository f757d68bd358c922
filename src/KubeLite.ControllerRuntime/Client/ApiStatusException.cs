using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// The API server answered with a <c>Status</c> instead of what was asked for.
/// </summary>
public sealed class ApiStatusException(V1Status status) : Exception(
    status.Message ?? status.Reason ?? "The API server refused the request.")
{
    /// <summary>The answer as the server gave it.</summary>
    public V1Status Status { get; } = status;

    /// <summary>The HTTP code, such as 404.</summary>
    public int Code => Status.Code ?? 0;

    /// <summary>The reason, such as <c>NotFound</c>; empty where the server gave none.</summary>
    public string Reason => Status.Reason ?? "";

    /// <summary>The object doesn't exist (404).</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>The object was changed by someone else since it was read, or a precondition failed.</summary>
    public bool IsConflict => Reason == "Conflict" || (Code == 409 && Reason.Length == 0);

    /// <summary>An object of this name exists.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>The resource version is too old to list or watch from (410, also reason <c>Expired</c>).</summary>
    public bool IsGone => Code == 410 || Reason is "Gone" or "Expired";

    /// <summary>The object was refused by validation (422).</summary>
    public bool IsInvalid => Code == 422;

    /// <summary>The resource doesn't support the verb (405).</summary>
    public bool IsMethodNotAllowed => Code == 405;

    /// <summary>A create was refused because the namespace is being deleted.</summary>
    public bool IsNamespaceTerminating => HasCause("NamespaceTerminating");

    /// <summary>Whether the details hold a cause of this reason.</summary>
    public bool HasCause(string reason)
    {
        foreach (var cause in Status.Details?.Causes ?? [])
        {
            if (cause.Reason == reason)
            {
                return true;
            }
        }
        return false;
    }
}
