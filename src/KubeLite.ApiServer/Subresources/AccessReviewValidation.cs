using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Subresources;

/// <summary>What an access review must say (Kubernetes v1.36, <c>pkg/apis/authorization/validation</c>).</summary>
public static class AccessReviewValidation
{
    private static readonly FieldPath s_spec = FieldPath.Of("spec");

    /// <summary>Refuses a review with faults.</summary>
    /// <exception cref="ApiException">422, which names no kind.</exception>
    public static void Check(ResourceDefinition definition, JsonMap review)
    {
        var errors = new FieldErrors();
        JsonMap spec = review.MapAt("spec"), metadata = review.MapAt("metadata");
        JsonMap? resource = spec.Map("resourceAttributes"), path = spec.Map("nonResourceAttributes");
        Schema pathSchema = definition.Schema.Field("spec")!.Schema.Field("nonResourceAttributes")!.Schema;
        if (resource is not null && path is not null)
        {
            errors.Invalid(
                s_spec.Child("nonResourceAttributes"), InternalForm.Of(path, pathSchema),
                "cannot be specified in combination with resourceAttributes");
        }

        if (resource is null && path is null)
        {
            errors.Invalid(
                s_spec.Child("resourceAttributes"), null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (definition.Name != "selfsubjectaccessreviews" && (spec.String("user") ?? "").Length == 0
            && spec.List("groups") is not { Count: > 0 })
        {
            errors.Invalid(s_spec.Child("user"), "", "at least one of user or group must be specified");
        }

        if (resource is not null)
        {
            AccessReviewSelectors.Validate(resource, errors);
        }

        bool local = definition.Name == "localsubjectaccessreviews";
        if (metadata.Any(m => m.Key != "managedFields" && !(local && m.Key == "namespace")
            && m.Value is not (null or "" or JsonList { Count: 0 } or JsonMap { Count: 0 })))
        {
            errors.Invalid(FieldPath.Of("metadata"), metadata, local ? "must be empty except for namespace" : "must be empty");
        }

        if (local)
        {
            Local(resource, path, metadata, pathSchema, errors);
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(definition.Group, "", "", errors);
        }
    }

    private static void Local(JsonMap? resource, JsonMap? path, JsonMap metadata, Schema pathSchema, FieldErrors errors)
    {
        if (resource is not null && (resource.String("namespace") ?? "") != (metadata.String("namespace") ?? ""))
        {
            errors.Invalid(
                FieldPath.Of("spec", "resourceAttributes", "namespace"), resource.String("namespace") ?? "",
                "must match metadata.namespace");
        }

        if (path is not null)
        {
            errors.Invalid(s_spec.Child("nonResourceAttributes"), InternalForm.Of(path, pathSchema), "disallowed on this kind of request");
        }
    }
}
