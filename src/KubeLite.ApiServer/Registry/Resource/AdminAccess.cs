using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>
/// Lets only namespaces that are labelled for it have devices as an administrator (Kubernetes v1.36, <c>pkg/registry/resource</c>).
/// </summary>
internal static class AdminAccess
{
    private const string Label = "resource.kubernetes.io/admin-access";

    /// <summary>The first request that asks for it; null where none does.</summary>
    public static FieldPath? Asked(JsonMap? devices)
    {
        int at =
            (devices?.List("requests")?.Maps() ?? []).Select(r => r.Map("exactly")?.Flag("adminAccess") == true).ToList().IndexOf(true);
        return at < 0 ? null : FieldPath.Of("spec", "devices", "requests").Index(at).Child("adminAccess");
    }

    /// <summary>The first device that was given so; null where none was.</summary>
    public static FieldPath? Given(JsonMap? status)
    {
        int at = (status?.Map("allocation")?.Map("devices")?.List("results")?.Maps() ?? [])
            .Select(r => r.Flag("adminAccess")).ToList().IndexOf(true);
        return at < 0 ? null : FieldPath.Of("status", "allocation", "devices", "results").Index(at).Child("adminAccess");
    }

    /// <summary>Refuses a write that asks for it at <paramref name="path"/> in a namespace that isn't labelled.</summary>
    public static async ValueTask RequireAsync(WriteContext context, FieldPath path, CancellationToken cancellationToken)
    {
        JsonMap? ns = await context.Registry.FindNewestAsync("", "namespaces", "", context.Namespace, cancellationToken);
        if (ns?.MapAt("metadata").Map("labels")?.String(Label) != "true")
        {
            var errors = new FieldErrors();
            errors.Forbidden(path, $"admin access to devices requires the `{Label}: true` label on the containing namespace");
            throw ApiException.Invalid(context.Resource.Group, context.Resource.Kind.Kind, context.Name, errors);
        }
    }
}
