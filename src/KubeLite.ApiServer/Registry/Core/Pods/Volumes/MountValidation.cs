using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Volumes;

/// <summary>
/// Validates where a container sees volumes (Kubernetes v1.36, <c>ValidateVolumeMounts</c>, <c>ValidateVolumeDevices</c>).
/// </summary>
public sealed class MountValidation(FieldErrors errors, IReadOnlyDictionary<string, JsonMap> volumes)
{
    /// <summary>Adds the faults of a container's mounts; some are named by the list, as in Kubernetes.</summary>
    public void Mounts(JsonMap container, FieldPath path)
    {
        Dictionary<string, string> devices = Places(container.List("volumeDevices"), "devicePath");
        var paths = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap mount in container.List("volumeMounts")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = mount.String("name") ?? "", target = mount.String("mountPath") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }

            if (!volumes.ContainsKey(name))
            {
                errors.NotFound(at.Child("name"), name);
            }

            if (target.Length == 0)
            {
                errors.Required(at.Child("mountPath"));
            }

            if (!paths.Add(target))
            {
                errors.Invalid(at.Child("mountPath"), target, "must be unique");
            }

            if (devices.ContainsKey(name))
            {
                errors.Invalid(at.Child("name"), name, "must not already exist in volumeDevices");
            }

            if (devices.ContainsValue(target))
            {
                errors.Invalid(at.Child("mountPath"), target, "must not already exist as a path in volumeDevices");
            }

            SubPaths(mount, at, path);
            Propagation(mount, container, path);
        }
    }

    /// <summary>Adds the faults of a container's block devices.</summary>
    public void Devices(JsonMap container, FieldPath path)
    {
        Dictionary<string, string> mounts = Places(container.List("volumeMounts"), "mountPath");
        HashSet<string> names = new(StringComparer.Ordinal), paths = new(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap device in container.List("volumeDevices")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = device.String("name") ?? "", target = device.String("devicePath") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }

            if (names.Contains(name))
            {
                errors.Invalid(at.Child("name"), name, "must be unique");
            }

            if (!volumes.TryGetValue(name, out JsonMap? volume))
            {
                errors.NotFound(at.Child("name"), name);
            }
            else if (volume.Map("persistentVolumeClaim") is null && volume.Map("ephemeral") is null)
            {
                errors.Invalid(
                    at.Child("name"), name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }

            if (target.Length == 0)
            {
                errors.Required(at.Child("devicePath"));
            }

            if (paths.Contains(target))
            {
                errors.Invalid(at.Child("devicePath"), target, "must be unique");
            }

            if (target.Split('/').Contains(".."))
            {
                errors.Invalid(at.Child("devicePath"), target, "can not contain backsteps ('..')");
            }
            else
            {
                paths.Add(target);
            }

            if (mounts.ContainsKey(name))
            {
                errors.Invalid(at.Child("name"), name, "must not already exist in volumeMounts");
            }

            if (mounts.ContainsValue(target))
            {
                errors.Invalid(at.Child("devicePath"), target, "must not already exist as a path in volumeMounts");
            }

            if (name.Length > 0)
            {
                names.Add(name);
            }
        }
    }

    private static Dictionary<string, string> Places(JsonList? items, string path)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            places[item.String("name") ?? ""] = item.String(path) ?? "";
        }

        return places;
    }

    private void SubPaths(JsonMap mount, FieldPath at, FieldPath list)
    {
        string sub = mount.String("subPath") ?? "", expression = mount.String("subPathExpr") ?? "";
        if (sub.Length > 0)
        {
            VolumeSourceValidation.LocalPath(sub, list.Child("subPath"), errors);
        }

        if (expression.Length == 0)
        {
            return;
        }

        if (sub.Length > 0)
        {
            errors.Invalid(at.Child("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
        }

        VolumeSourceValidation.LocalPath(expression, list.Child("subPathExpr"), errors);
    }

    private void Propagation(JsonMap mount, JsonMap container, FieldPath list)
    {
        string? propagation = mount.String("mountPropagation");
        if (propagation is not null)
        {
            FieldRules.OneOf(propagation, list.Child("mountPropagation"), errors, "Bidirectional", "HostToContainer", "None");
            if (propagation == "Bidirectional" && container.Map("securityContext")?.Flag("privileged") != true)
            {
                errors.Forbidden(
                    list.Child("mountPropagation"), "Bidirectional mount propagation is available only to privileged containers");
            }
        }

        FieldPath recursive = list.Child("recursiveReadOnly");
        switch (mount.String("recursiveReadOnly"))
        {
            case null or "Disabled":
                break;
            case "Enabled" or "IfPossible":
                if (!mount.Flag("readOnly"))
                {
                    errors.Forbidden(recursive, "may only be specified when readOnly is true");
                }

                if (propagation is not (null or "None"))
                {
                    errors.Forbidden(recursive, "may only be specified when mountPropagation is None or not specified");
                }

                break;
            case { } other:
                errors.NotSupported(recursive, other, "Disabled", "Enabled", "IfPossible");
                break;
        }
    }
}
