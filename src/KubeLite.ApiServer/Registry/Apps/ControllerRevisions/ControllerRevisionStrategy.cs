using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Apps.ControllerRevisions;

/// <summary>ControllerRevisions (Kubernetes v1.36, <c>pkg/registry/apps/controllerrevision</c>).</summary>
public sealed class ControllerRevisionStrategy : ResourceStrategy
{
    /// <inheritdoc />
    public override string? RawMember => "data";

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        if (obj["data"] is null)
        {
            errors.Required(FieldPath.Of("data"), "data is mandatory");
        }

        if (obj.Integer("revision") is < 0 and var revision)
        {
            errors.Invalid(FieldPath.Of("revision"), revision, FieldRules.NotNegative);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        // Kubernetes compares the texts: a patch writes its own, so that what was sent with spaces can't be patched.
        if (!JsonValue.DeepEquals(obj["data"], old["data"]) || (obj["data"] as JsonRaw)?.Text != (old["data"] as JsonRaw)?.Text)
        {
            errors.Invalid(FieldPath.Of("data"), (obj["data"] as JsonRaw)?.Value ?? obj["data"], MetadataValidation.Immutable);
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? controller = metadata.List("ownerReferences")?.Maps().FirstOrDefault(r => r.Flag("controller"));
        return
        [
            metadata.String("name"),
            controller is null ? TableText.None : ControllerName(controller),
            obj.Integer("revision") ?? 0,
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>The kind in small letters with its group, and the name.</summary>
    private static string ControllerName(JsonMap reference)
    {
        string version = reference.String("apiVersion") ?? "", kind = (reference.String("kind") ?? "").ToLowerInvariant();
        int slash = version.IndexOf('/');
        return slash > 0 ? $"{kind}.{version[..slash]}/{reference.String("name")}" : $"{kind}/{reference.String("name")}";
    }
}
