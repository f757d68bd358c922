using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Core.PersistentVolumes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;

/// <summary>Validates claims (Kubernetes v1.36, <c>ValidatePersistentVolumeClaimSpec</c> and <c>…Update</c>).</summary>
public static class PersistentVolumeClaimValidation
{
    private static readonly FieldPath s_size = FieldPath.Of("spec", "resources", "requests", "storage");

    /// <summary>Validates a spec, which ephemeral volumes have too.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="anyGroup">True where API groups of sources may have any form, as one was there before.</param>
    public static void Spec(JsonMap spec, FieldPath path, FieldErrors errors, bool anyGroup = false)
    {
        if (spec.List("accessModes") is not { Count: > 0 } modes)
        {
            errors.Required(path.Child("accessModes"), "at least 1 access mode is required");
            modes = [];
        }

        SelectorValidation.Labels(spec.Map("selector"), path.Child("selector"), errors);
        PersistentVolumeValidation.AccessModes(modes, path.Child("accessModes"), errors);
        FieldPath size = path.Child("resources").Key("storage");
        if (spec.Map("resources")?.Map("requests")?["storage"] is { } storage)
        {
            ResourceNames.Positive(storage, size, errors);
        }
        else
        {
            errors.Required(size);
        }

        if (spec.String("storageClassName") is { Length: > 0 } storageClass)
        {
            FieldRules.Subdomain(storageClass, path.Child("storageClassName"), errors);
        }

        if (spec.String("volumeMode") is { } mode)
        {
            FieldRules.OneOf(mode, path.Child("volumeMode"), errors, "Block", "Filesystem");
        }

        DataSources(spec, anyGroup, path, errors);
        if (spec.String("volumeAttributesClassName") is { Length: > 0 } attributes)
        {
            FieldRules.Subdomain(attributes, path.Child("volumeAttributesClassName"), errors);
        }
    }

    /// <summary>Validates what may not change.</summary>
    public static void Update(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec").DeepCopy(), before = old.MapAt("spec").DeepCopy();
        if ((before.String("volumeName") ?? "").Length == 0)
        {
            // The controller binds a claim once.
            Take(spec, before, "volumeName");
        }

        StorageClass(obj, old, spec, before, errors);

        bool bound = obj.Map("status")?.String("phase") == "Bound";
        string? size = spec.Map("resources")?.Map("requests")?.String("storage"),
            oldSize = before.Map("resources")?.Map("requests")?.String("storage");
        if (bound)
        {
            if (spec.Map("resources")?.Map("requests") is { } requests)
            {
                requests["storage"] = oldSize;
            }

            Take(before, spec, "volumeAttributesClassName");
        }

        if (!JsonValue.DeepEquals(spec, before))
        {
            var schema = context.Resource.StorageSchema.Field("spec")!.Schema;
            errors.Forbidden(
                FieldPath.Of("spec"),
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n" +
                UnifiedDiff.Of(InternalForm.Of(before, schema), InternalForm.Of(spec, schema)));
        }

        if (Quantity.TryParse(size, out Quantity now, out _)
            && Quantity.TryParse(oldSize, out Quantity then, out _) && now.Nanos < then.Nanos)
        {
            Quantity.TryParse(old.Map("status")?.Map("capacity")?.String("storage") ?? "0", out Quantity capacity, out _);
            if (now.Nanos <= capacity.Nanos)
            {
                errors.Forbidden(s_size, "field can not be less than status.capacity");
            }
        }

        FieldRules.Immutable(obj.MapAt("spec")["volumeMode"], old.MapAt("spec")["volumeMode"], FieldPath.Of("volumeMode"), errors);
        string? attributes = obj.MapAt("spec").String("volumeAttributesClassName");
        if (attributes != old.MapAt("spec").String("volumeAttributesClassName") && string.IsNullOrEmpty(attributes) &&
            old.Map("status")?.String("currentVolumeAttributesClassName") is not null)
        {
            errors.Forbidden(
                FieldPath.Of("spec", "volumeAttributesClassName"),
                $"update to {(attributes is null ? "nil" : "empty string")} " +
                    "is forbidden when status.currentVolumeAttributesClassName is not nil");
        }
    }

    /// <summary>A class may be given afterwards where there was none, or where an annotation named it.</summary>
    private static void StorageClass(JsonMap obj, JsonMap old, JsonMap spec, JsonMap before, FieldErrors errors)
    {
        string? noted = Noted(obj), was = Noted(old), name = spec.String("storageClassName");
        bool isLater = before["storageClassName"] is null && name is not null && (was is null || was == name);
        if (isLater)
        {
            Take(before, spec, "storageClassName");
        }

        if (noted != was && !(isLater && was is not null && noted is null))
        {
            errors.Invalid(
                FieldPath.Of("metadata", "annotations", PersistentVolumeClaimWarnings.ClassAnnotation), noted ?? "", "field is immutable");
        }

        static string? Noted(JsonMap claim) =>
            claim.MapAt("metadata").Map("annotations")?.String(PersistentVolumeClaimWarnings.ClassAnnotation);
    }

    private static void DataSources(JsonMap spec, bool anyGroup, FieldPath path, FieldErrors errors)
    {
        JsonMap? source = spec.Map("dataSource"), reference = spec.Map("dataSourceRef");
        Reference(source, anyGroup, path.Child("dataSource"), errors);
        Reference(reference, anyGroup, path.Child("dataSourceRef"), errors);
        if (reference?.String("namespace") is { Length: > 0 } ns)
        {
            FieldRules.Follows(NameRules.DnsLabel(ns), ns, path.Child("dataSourceRef").Child("namespace"), errors);
            if (source is not null)
            {
                errors.Invalid(path, new JsonMap(), "may not be specified when dataSourceRef.namespace is specified");
            }
        }
        else if (source is not null && reference is not null &&
            (source.String("kind") != reference.String("kind") || source.String("name") != reference.String("name")
                || source.String("apiGroup") != reference.String("apiGroup")))
        {
            errors.Invalid(path, new JsonMap(), "must match dataSourceRef");
        }
    }

    private static void Reference(JsonMap? reference, bool anyGroup, FieldPath path, FieldErrors errors)
    {
        if (reference is null)
        {
            return;
        }

        foreach (string name in (string[])["name", "kind"])
        {
            if ((reference.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(name));
            }
        }

        string group = reference.String("apiGroup") ?? "";
        if (group.Length == 0 && reference.String("kind") != "PersistentVolumeClaim")
        {
            errors.Invalid(path, reference.String("kind") ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }

        if (group.Length > 0 && !anyGroup)
        {
            FieldRules.Subdomain(group, path.Child("apiGroup"), errors);
        }
    }

    private static void Take(JsonMap from, JsonMap to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = value;
        }
        else
        {
            to.Remove(name);
        }
    }
}
