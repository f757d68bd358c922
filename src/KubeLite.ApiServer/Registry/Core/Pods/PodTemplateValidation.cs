using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates the templates of Pods in other kinds (<c>ValidatePodTemplateSpec</c> of Kubernetes v1.36).</summary>
public static class PodTemplateValidation
{
    /// <summary>Adds every fault of a template.</summary>
    public static void Validate(JsonMap? template, FieldPath path, FieldErrors errors) =>
        MetadataValidation.Template(template?.Map("metadata"), path, errors);
}
