using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumes;

/// <summary>Validates specs of PersistentVolumes (Kubernetes v1.36, <c>ValidatePersistentVolumeSpec</c>).</summary>
public static class PersistentVolumeValidation
{
    private static readonly string[] s_modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    private static readonly string[] s_sources =
    [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs",
        "flocker", "nfs", "rbd", "quobyte", "cephfs", "iscsi", "cinder", "fc",
        "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk",
        "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ];

    /// <summary>Validates access modes, of a volume or a claim.</summary>
    public static void AccessModes(JsonList? modes, FieldPath path, FieldErrors errors)
    {
        bool single = false, other = false;
        foreach (string mode in modes?.Strings() ?? [])
        {
            FieldRules.OneOf(mode, path, errors, s_modes);
            single |= mode == "ReadWriteOncePod";
            other |= mode != "ReadWriteOncePod" && s_modes.Contains(mode);
        }

        if (single && other)
        {
            errors.Forbidden(path, "may not use ReadWriteOncePod with other access modes");
        }
    }

    /// <summary>Validates a spec.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="path">Its path.</param>
    /// <param name="inline">True for the spec in a VolumeAttachment.</param>
    /// <param name="errors">Gets the errors.</param>
    /// <param name="volumeName">The volume's name.</param>
    public static void Spec(JsonMap spec, FieldPath path, bool inline, FieldErrors errors, string volumeName = "")
    {
        if (inline)
        {
            Inline(spec, path, errors);
        }

        if (spec.List("accessModes") is not { Count: > 0 })
        {
            errors.Required(path.Child("accessModes"));
        }

        AccessModes(spec.List("accessModes"), path.Child("accessModes"), errors);
        if (!inline)
        {
            Capacity(spec.Map("capacity"), path.Child("capacity"), errors);
        }

        ReclaimPolicy(spec.String("persistentVolumeReclaimPolicy"), inline, path.Child("persistentVolumeReclaimPolicy"), errors);
        if (inline && spec.Map("nodeAffinity") is not null)
        {
            errors.Forbidden(path.Child("nodeAffinity"), "may not be specified in the context of inline volumes");
        }
        else
        {
            NodeAffinity(spec.Map("nodeAffinity"), path.Child("nodeAffinity"), errors);
        }

        Source(spec, volumeName, path, errors);
        if (spec.Map("hostPath")?.String("path")?.TrimEnd('/') == "" && spec.String("persistentVolumeReclaimPolicy") == "Recycle")
        {
            errors.Forbidden(path.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
        }

        if (spec.String("storageClassName") is { Length: > 0 } storageClass)
        {
            if (inline)
            {
                errors.Forbidden(path.Child("storageClassName"), "may not be specified in the context of inline volumes");
            }
            else
            {
                FieldRules.Subdomain(storageClass, path.Child("storageClassName"), errors);
            }
        }

        if (spec.String("volumeMode") is { } mode)
        {
            if (inline && mode != "Filesystem")
            {
                errors.Forbidden(
                    path.Child("volumeMode"), "may not specify volumeMode other than Filesystem in the context of inline volumes");
            }
            else if (!inline)
            {
                FieldRules.OneOf(mode, path.Child("volumeMode"), errors, "Block", "Filesystem");
            }
        }

        AttributesClass(spec, path, errors);
    }

    /// <summary>Validates what may not change.</summary>
    public static void Update(WriteContext context, JsonMap spec, JsonMap old, FieldErrors errors)
    {
        Schema schema = context.Resource.StorageSchema.Field("spec")!.Schema;
        if (old.Map("csi") is { } oldCsi && oldCsi["controllerExpandSecretRef"] is null
            && spec.Map("csi")?["controllerExpandSecretRef"] is not null)
        {
            // A secret for growing the volume may come later.
            spec = spec.DeepCopy();
            spec.MapAt("csi").Remove("controllerExpandSecretRef");
        }

        JsonMap source = Sources(spec, schema), before = Sources(old, schema);
        if (!JsonValue.DeepEquals(source, before))
        {
            errors.Forbidden(
                FieldPath.Of("spec", "persistentvolumesource"),
                "spec.persistentvolumesource is immutable after creation\n" + UnifiedDiff.Of(before, source));
        }

        FieldRules.Immutable(spec["volumeMode"], old["volumeMode"], FieldPath.Of("volumeMode"), errors);
        if (old["nodeAffinity"] is not null)
        {
            FieldRules.Immutable(spec["nodeAffinity"], old["nodeAffinity"], FieldPath.Of("nodeAffinity"), errors, () =>
                InternalForm.Of(spec["nodeAffinity"], schema.Field("nodeAffinity")!.Schema));
        }

        if (old.String("volumeAttributesClassName") is not null && spec.String("volumeAttributesClassName") is null)
        {
            errors.Forbidden(FieldPath.Of("spec", "volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
        }
    }

    private static void Inline(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        foreach (string name in (string[])["claimRef", "capacity"])
        {
            if (spec.Map(name) is { } value && (name == "claimRef" || value.Count > 0))
            {
                errors.Forbidden(path.Child(name), "may not be specified in the context of inline volumes");
            }
        }

        if (spec.Map("csi") is null)
        {
            errors.Required(path.Child("csi"), "has to be specified in the context of inline volumes");
        }
    }

    private static void ReclaimPolicy(string? policy, bool inline, FieldPath path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(policy))
        {
            return;
        }

        if (!inline)
        {
            FieldRules.OneOf(policy, path, errors, "Delete", "Recycle", "Retain");
        }
        else if (policy != "Retain")
        {
            errors.Forbidden(path, "may only be Retain in the context of inline volumes");
        }
    }

    private static void Capacity(JsonMap? capacity, FieldPath path, FieldErrors errors)
    {
        if (capacity is not { Count: > 0 })
        {
            errors.Required(path);
        }

        if (capacity?.ContainsKey("storage") != true || capacity.Count > 1)
        {
            errors.NotSupported(path, capacity, "storage");
        }

        foreach (var (name, amount) in capacity ?? [])
        {
            ResourceNames.Basic(amount, path.Key(name), errors);
            ResourceNames.Positive(amount, path.Key(name), errors);
        }
    }

    private static void NodeAffinity(JsonMap? affinity, FieldPath path, FieldErrors errors)
    {
        if (affinity is null)
        {
            return;
        }

        if (affinity.Map("required") is { } required)
        {
            SelectorValidation.Nodes(required, path.Child("required"), errors);
        }
        else
        {
            errors.Required(path.Child("required"), "must specify required node constraints");
        }
    }

    private static void Source(JsonMap spec, string volumeName, FieldPath path, FieldErrors errors)
    {
        int count = 0;
        foreach (string name in s_sources)
        {
            if (spec.Map(name) is not { } source)
            {
                continue;
            }

            FieldPath at = path.Child(name);
            if (count++ > 0)
            {
                errors.Forbidden(path.Child(VolumeSourceValidation.ForbiddenName(name)), "may not specify more than 1 volume type");
                continue;
            }

            switch (name)
            {
                case "local":
                    Local(spec, source, at, path, errors);
                    break;
                case "csi":
                    Csi(source, at, errors);
                    break;
                default:
                    VolumeSourceValidation.Shared(name, source, path, errors, persistent: true);
                    break;
            }

            if (name == "iscsi" && source.String("initiatorName") is not null
                && $"{volumeName}:{source.String("targetPortal")}".Length > 64)
            {
                errors.Invalid(at.Child("targetportal"), source.String("targetPortal"), VolumeSourceValidation.PortalTooLong);
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private static void Local(JsonMap spec, JsonMap source, FieldPath at, FieldPath path, FieldErrors errors)
    {
        string value = source.String("path") ?? "";
        if (value.Length == 0)
        {
            errors.Required(at.Child("path"));
        }
        else if (value.Split('/').Contains(".."))
        {
            errors.Invalid(at.Child("path"), value, "must not contain '..'");
        }

        if (spec.Map("nodeAffinity") is null)
        {
            errors.Required(path.Child("nodeAffinity"), "Local volume requires node affinity");
        }
    }

    private static void Csi(JsonMap source, FieldPath path, FieldErrors errors)
    {
        FieldRules.DriverName(source.String("driver"), path.Child("driver"), errors);
        Need(source, path, errors, "volumeHandle");
        foreach (string name in (string[])
            ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"])
        {
            if (source.Map(name) is { } secret)
            {
                Secret(secret, path.Child(name), errors);
            }
        }
    }

    private static void Secret(JsonMap secret, FieldPath path, FieldErrors errors)
    {
        string name = secret.String("name") ?? "", ns = secret.String("namespace") ?? "";
        Need(secret, path, errors, "name");
        if (name.Length > 0)
        {
            FieldRules.Subdomain(name, path.Child("name"), errors);
        }

        Need(secret, path, errors, "namespace");
        if (ns.Length > 0)
        {
            FieldRules.Label(ns, path.Child("namespace"), errors);
        }
    }

    private static void AttributesClass(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (spec.String("volumeAttributesClassName") is not { } name)
        {
            return;
        }

        FieldPath at = path.Child("volumeAttributesClassName");
        if (name.Length == 0)
        {
            errors.Required(at, "an empty string is disallowed");
        }
        else
        {
            FieldRules.Subdomain(name, at, errors);
        }

        if (spec.Map("csi") is null)
        {
            errors.Required(path.Child("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }

    private static void Need(JsonMap source, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if ((source.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(name));
            }
        }
    }

    private static JsonMap Sources(JsonMap spec, Schema schema)
    {
        var sources = new JsonMap(s_sources.Length);
        var whole = (JsonMap)InternalForm.Of(spec, schema)!;
        foreach (var (name, value) in whole)
        {
            if (name is not ("Capacity" or "AccessModes" or "ClaimRef" or "PersistentVolumeReclaimPolicy" or
                "StorageClassName" or "MountOptions" or "VolumeMode" or "NodeAffinity" or "VolumeAttributesClassName"))
            {
                sources[name] = value;
            }
        }

        return sources;
    }
}
