using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>Nothing is created in a namespace that isn't there or is going; the first namespaces stay.</summary>
public sealed class NamespaceLifecycle(ResourceRegistry registry) : AdmissionPlugin
{
    private static readonly string[] s_permanent = ["default", "kube-system", "kube-public"];

    /// <inheritdoc />
    public override string Name => "NamespaceLifecycle";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        WriteContext context = request.Context;
        if (request.Operation == "DELETE" && request.Is("", "namespaces") && s_permanent.Contains(context.Name))
        {
            throw ApiException.Forbidden("", "namespaces", context.Name, "this namespace may not be deleted");
        }

        if (request.Operation != "CREATE" || !context.Resource.Namespaced || context.Namespace.Length == 0)
        {
            return;
        }

        JsonMap ns = await registry.FindAsync("", "namespaces", "", context.Namespace, cancellationToken)
            ?? throw ApiException.NotFound("", "namespaces", context.Namespace);
        if (ns.Map("status")?.String("phase") == "Terminating" || ns.MapAt("metadata").ContainsKey("deletionTimestamp"))
        {
            string why = $"unable to create new content in namespace {context.Namespace} because it is being terminated";
            ApiException refused = ApiException.Forbidden(context.Resource.Group, context.Resource.Name, context.Name, why);
            throw new ApiException(403, "Forbidden", refused.Message, refused.Details! with
            {
                Causes = [new("NamespaceTerminating", $"namespace {context.Namespace} is being terminated", "metadata.namespace")],
            });
        }
    }
}
