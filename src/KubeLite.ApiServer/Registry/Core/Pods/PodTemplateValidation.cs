using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates the Pod templates of workloads (Kubernetes v1.36, <c>ValidatePodTemplateSpec</c>).</summary>
public static class PodTemplateValidation
{
    /// <summary>Adds every fault of a template: its labels and annotations, then its spec.</summary>
    public static void Validate(JsonMap? template, FieldPath path, FieldErrors errors)
    {
        JsonMap? annotations = template?.Map("metadata")?.Map("annotations");
        JsonMap spec = template?.Map("spec") ?? new JsonMap();
        // Kubernetes names labels and annotations below the template itself here.
        MetadataValidation.Template(template?.Map("metadata"), path, errors);
        PodAnnotationValidation.Validate(annotations, spec, path.Child("annotations"), errors);
        new PodSpecValidation(errors, allowPrivileged: true).Validate(spec, null, path.Child("spec"));
        PodAnnotationValidation.MatchFields(annotations, spec, path.Child("spec"), errors);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden(path.Child("spec").Child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
        }
    }
}
