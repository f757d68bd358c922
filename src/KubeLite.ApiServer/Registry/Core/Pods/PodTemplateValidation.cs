using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates the Pod templates of workloads.</summary>
public static class PodTemplateValidation
{
    /// <summary>Adds every fault of a template: its labels and annotations, then its spec.</summary>
    public static void Validate(JsonMap? template, FieldPath path, FieldErrors errors)
    {
        // Kubernetes names labels and annotations below the template itself here.
        MetadataValidation.Template(template?.Map("metadata"), path, errors);
        new PodSpecValidation(errors, allowPrivileged: true).Validate(template?.Map("spec") ?? new JsonMap(), path.Child("spec"), template: true);
    }
}
