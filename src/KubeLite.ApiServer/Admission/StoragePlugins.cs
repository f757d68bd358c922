using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>Volumes and claims can't vanish while they are in use: a finalizer holds them.</summary>
public sealed class StorageObjectInUseProtection : AdmissionPlugin
{
    /// <inheritdoc />
    public override string Name => "StorageObjectInUseProtection";

    /// <inheritdoc />
    public override ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        string? finalizer = request.Creates("", "persistentvolumeclaims") ? "kubernetes.io/pvc-protection"
            : request.Creates("", "persistentvolumes") ? "kubernetes.io/pv-protection"
            : request.Creates("storage.k8s.io", "volumeattributesclasses") ? "kubernetes.io/vac-protection" : null;
        if (finalizer is not null)
        {
            JsonMap metadata = request.Object!.MapAt("metadata");
            JsonList finalizers = metadata.List("finalizers") ?? [];
            if (!finalizers.Contains(finalizer))
            {
                finalizers.Add(finalizer);
            }

            metadata["finalizers"] = finalizers;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>A claim that names no storage class gets the default one.</summary>
public sealed class DefaultStorageClass(ResourceRegistry registry) : AdmissionPlugin
{
    private const string Annotation = "storageclass.kubernetes.io/is-default-class";

    /// <inheritdoc />
    public override string Name => "DefaultStorageClass";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("", "persistentvolumeclaims") || request.Object!.MapAt("spec").ContainsKey("storageClassName"))
        {
            return;
        }

        JsonMap? newest = (await registry.ListAsync("storage.k8s.io", "storageclasses", null, cancellationToken))
            .Where(c => c.MapAt("metadata").Map("annotations")?.String(Annotation) == "true")
            .OrderByDescending(c => c.MapAt("metadata").String("creationTimestamp"), StringComparer.Ordinal)
            .ThenBy(c => c.MapAt("metadata").String("name"), StringComparer.Ordinal)
            .FirstOrDefault();
        if (newest is not null)
        {
            request.Object!.MapAt("spec")["storageClassName"] = newest.MapAt("metadata").String("name");
        }
    }
}

/// <summary>An Ingress that names no class gets the default one.</summary>
public sealed class DefaultIngressClass(ResourceRegistry registry) : AdmissionPlugin
{
    private const string Annotation = "ingressclass.kubernetes.io/is-default-class";

    /// <inheritdoc />
    public override string Name => "DefaultIngressClass";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("networking.k8s.io", "ingresses") || request.Object!.MapAt("spec").ContainsKey("ingressClassName") ||
            request.Object.MapAt("metadata").Map("annotations")?.ContainsKey("kubernetes.io/ingress.class") == true)
        {
            return;
        }

        JsonMap? found = (await registry.ListAsync("networking.k8s.io", "ingressclasses", null, cancellationToken))
            .Where(c => c.MapAt("metadata").Map("annotations")?.String(Annotation) == "true")
            .OrderByDescending(c => c.MapAt("metadata").String("creationTimestamp"), StringComparer.Ordinal)
            .FirstOrDefault();
        if (found is not null)
        {
            request.Object.MapAt("spec")["ingressClassName"] = found.MapAt("metadata").String("name");
        }
    }
}
