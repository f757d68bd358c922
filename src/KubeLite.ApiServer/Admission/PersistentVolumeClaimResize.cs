using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// A claim may only grow where it is bound and its class allows that (Kubernetes v1.36,
/// <c>plugin/pkg/admission/storage/persistentvolume/resize</c>).
/// </summary>
public sealed class PersistentVolumeClaimResize(ResourceRegistry registry) : AdmissionPlugin
{
    /// <inheritdoc />
    public override string Name => "PersistentVolumeClaimResize";

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation != "UPDATE" || !request.Is("", "persistentvolumeclaims") || Size(request.Object!) is not { } now ||
            Size(request.OldObject!) is not { } before ||
            now.Nanos <= before.Nanos)
        {
            return;
        }

        if (request.OldObject!.Map("status")?.String("phase") != "Bound")
        {
            throw ApiException.Forbidden(
                "", "persistentvolumeclaims", request.Context.Name, "Only bound persistent volume claims can be expanded");
        }

        string? name = request.Object!.MapAt("spec").String("storageClassName");
        JsonMap? storageClass = string.IsNullOrEmpty(name)
            ? null
            : await registry.FindAsync("storage.k8s.io", "storageclasses", "", name, cancellationToken);
        if (storageClass?.Flag("allowVolumeExpansion") != true)
        {
            throw ApiException.Forbidden(
                "", "persistentvolumeclaims", request.Context.Name,
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }
    }

    private static Quantity? Size(JsonMap claim) =>
        Quantity.TryParse(claim.Map("spec")?.Map("resources")?.Map("requests")?.String("storage"), out Quantity size, out _) ? size : null;
}
