using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates a Pod's volumes.</summary>
public sealed class VolumeValidation(FieldErrors errors)
{
    private static readonly string[] s_downward = ["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"];

    /// <summary>Adds the faults.</summary>
    /// <returns>The volumes' names.</returns>
    public HashSet<string> Validate(JsonList? volumes, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap volume in volumes?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            Sources(volume, at);
            string name = volume.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else
            {
                foreach (string fault in NameRules.DnsLabel(name))
                {
                    errors.Invalid(at.Child("name"), name, fault);
                }
            }

            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
        }

        return names;
    }

    private void Sources(JsonMap volume, FieldPath path)
    {
        int count = 0;
        // Kubernetes looks at an empty directory first.
        foreach ((string kind, JsonMap source) in volume.Where(m => m.Key != "name" && m.Value is JsonMap)
            .Select(m => (m.Key, (JsonMap)m.Value!)).OrderBy(m => m.Key == "emptyDir" ? 0 : 1))
        {
            FieldPath at = path.Child(kind);
            if (count++ > 0)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type");
                continue;
            }

            Source(kind, source, at);
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private void Source(string kind, JsonMap source, FieldPath path)
    {
        switch (kind)
        {
            case "emptyDir":
                if (Quantity.TryParse(source.String("sizeLimit"), out Quantity size, out _) && size.Sign < 0)
                {
                    errors.Forbidden(path.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "hostPath":
                HostPath(source, path, errors);
                break;
            case "secret":
                Need(source, path, "secretName");
                Mode(source, path, "defaultMode");
                Items(source.List("items"), path.Child("items"));
                break;
            case "configMap":
                Need(source, path, "name");
                Mode(source, path, "defaultMode");
                Items(source.List("items"), path.Child("items"));
                break;
            case "persistentVolumeClaim":
                Need(source, path, "claimName");
                break;
            case "downwardAPI":
                Mode(source, path, "defaultMode");
                Downward(source.List("items"), path);
                break;
            case "projected":
                Mode(source, path, "defaultMode");
                Projected(source, path);
                break;
            case "nfs":
                Need(source, path, "server");
                Need(source, path, "path");
                break;
            case "csi":
                Need(source, path, "driver");
                break;
            case "image":
                Need(source, path, "reference");
                break;
        }
    }

    /// <summary>Adds the faults of a path on the node.</summary>
    public static void HostPath(JsonMap source, FieldPath path, FieldErrors errors)
    {
        string value = source.String("path") ?? "";
        if (value.Length == 0)
        {
            errors.Required(path.Child("path"));
            return;
        }

        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path.Child("path"), value, "must not contain '..'");
        }

        string[] types = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
        if (source.String("type") is { } type && !types.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, types);
        }
    }

    private void Need(JsonMap source, FieldPath path, string name)
    {
        if ((source.String(name) ?? "").Length == 0)
        {
            errors.Required(path.Child(name));
        }
    }

    private void Mode(JsonMap source, FieldPath path, string name)
    {
        if (source.Integer(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid(path.Child(name), mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    private void Items(JsonList? items, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            Need(item, at, "key");
            string target = item.String("path") ?? "";
            if (target.Length == 0)
            {
                errors.Required(at.Child("path"));
            }
            else
            {
                ItemPath(target, at.Child("path"));
            }

            Mode(item, at, "mode");
        }
    }

    private void ItemPath(string target, FieldPath path)
    {
        ContainerValidation.LocalPath(target, path, errors);
        if (target.StartsWith("..", StringComparison.Ordinal) && !target.StartsWith("../", StringComparison.Ordinal) && target != "..")
        {
            errors.Invalid(path, target, "must not start with '..'");
        }
    }

    private void Downward(JsonList? items, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string target = item.String("path") ?? "";
            if (target.Length == 0)
            {
                errors.Required(at.Child("path"));
            }
            else
            {
                ItemPath(target, at.Child("path"));
            }

            if (item.Map("fieldRef") is { } field)
            {
                ContainerValidation.FieldReference(field, s_downward, at.Child("fieldRef"), errors);
                if (item.Map("resourceFieldRef") is not null)
                {
                    errors.Invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
                }
            }
            else if (item.Map("resourceFieldRef") is { } resource)
            {
                ContainerValidation.ResourceReference(resource, at.Child("resourceFieldRef"), needsContainer: true, errors);
            }
            else
            {
                errors.Required(at, "one of fieldRef and resourceFieldRef is required");
            }

            Mode(item, at, "mode");
        }
    }

    private void Projected(JsonMap source, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap projection in source.List("sources")?.Maps() ?? [])
        {
            FieldPath at = path.Child("sources").Index(index++);
            int count = 0;
            foreach (string kind in (string[])["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"])
            {
                if (projection.Map(kind) is not { } inner)
                {
                    continue;
                }

                if (count++ > 0)
                {
                    errors.Forbidden(at.Child(kind), "may not specify more than 1 volume type per source");
                    continue;
                }

                switch (kind)
                {
                    case "secret" or "configMap":
                        Need(inner, at.Child(kind), "name");
                        Items(inner.List("items"), at.Child(kind).Child("items"));
                        break;
                    case "downwardAPI":
                        Downward(inner.List("items"), at.Child(kind));
                        break;
                    case "serviceAccountToken":
                        long seconds = inner.Integer("expirationSeconds") ?? 3600;
                        if (seconds < 600)
                        {
                            errors.Invalid(at.Child(kind).Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
                        }
                        else if (seconds > 1L << 32)
                        {
                            errors.Invalid(at.Child(kind).Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
                        }

                        Need(inner, at.Child(kind), "path");
                        break;
                }
            }

            if (count == 0)
            {
                errors.Required(at, "must specify a volume type");
            }
        }
    }
}
