using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Volumes;

/// <summary>Validates the files that volumes make of other objects: keys, fields and tokens, alone or projected.</summary>
public sealed class ProjectionValidation(FieldErrors errors)
{
    private const string Conflict = "conflicting duplicate paths";

    private static readonly string[] s_downward =
        ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];

    /// <summary>Adds the fault of a file's mode.</summary>
    public void Mode(JsonMap source, FieldPath path, string name)
    {
        if (source.Integer(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid(path.Child(name), mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    /// <summary>Adds the faults of keys and the paths they are shown at.</summary>
    public void Items(JsonList? items, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            Item(item, path.Index(index++));
        }
    }

    /// <summary>Adds the faults of files of the Pod's own fields; Kubernetes names them by their list.</summary>
    public void Downward(JsonList? items, FieldPath path)
    {
        foreach (JsonMap item in items?.Maps() ?? [])
        {
            DownwardItem(item, path);
        }
    }

    /// <summary>Adds the faults of a projected volume's sources.</summary>
    public void Sources(JsonList? sources, FieldPath path)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap projection in sources?.Maps() ?? [])
        {
            FieldPath at = path.Child("sources").Index(index++);
            int count = 0;
            foreach (string kind in (string[])["secret", "configMap"])
            {
                if (projection.Map(kind) is { } keys)
                {
                    count++;
                    Keys(keys, at.Child(kind), path, paths);
                }
            }

            if (projection.Map("downwardAPI") is { } downward)
            {
                count++;
                foreach (JsonMap item in downward.List("items")?.Maps() ?? [])
                {
                    DownwardItem(item, at.Child("downwardAPI"));
                    if (item.String("path") is { Length: > 0 } file && !paths.Add(file))
                    {
                        errors.Invalid(path, file, Conflict);
                    }
                }
            }

            if (projection.Map("serviceAccountToken") is { } token)
            {
                count++;
                Token(token, at.Child("serviceAccountToken"), path);
            }

            if (projection.Map("clusterTrustBundle") is { } bundle)
            {
                count++;
                Bundle(bundle, at.Child("clusterTrustBundle"), path, paths);
            }

            if (projection.Map("podCertificate") is not null)
            {
                count++;
            }

            if (count > 1)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type per source");
            }
        }
    }

    /// <summary>Adds the faults of a path below a volume's root that doesn't begin with two dots.</summary>
    public void LocalFile(string target, FieldPath path)
    {
        VolumeSourceValidation.LocalPath(target, path, errors);
        if (target.StartsWith("..", StringComparison.Ordinal) && !target.StartsWith("../", StringComparison.Ordinal))
        {
            errors.Invalid(path, target, "must not start with '..'");
        }
    }

    private void Keys(JsonMap source, FieldPath at, FieldPath volume, HashSet<string> paths)
    {
        VolumeSourceValidation.Need(source, at, errors, "name");
        int index = 0;
        foreach (JsonMap item in source.List("items")?.Maps() ?? [])
        {
            Item(item, at.Child("items").Index(index++));
            if (item.String("path") is { Length: > 0 } file && !paths.Add(file))
            {
                errors.Invalid(volume, source.String("name") ?? "", Conflict);
            }
        }
    }

    private void Item(JsonMap item, FieldPath path)
    {
        VolumeSourceValidation.Need(item, path, errors, "key", "path");
        LocalFile(item.String("path") ?? "", path.Child("path"));
        Mode(item, path, "mode");
    }

    private void DownwardItem(JsonMap item, FieldPath path)
    {
        VolumeSourceValidation.Need(item, path, errors, "path");
        LocalFile(item.String("path") ?? "", path.Child("path"));
        if (item.Map("fieldRef") is { } field)
        {
            EnvironmentValidation.FieldReference(field, s_downward, path.Child("fieldRef"), errors);
            if (item.Map("resourceFieldRef") is not null)
            {
                errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        }
        else if (item.Map("resourceFieldRef") is { } resource)
        {
            EnvironmentValidation.ResourceReference(resource, path.Child("resourceFieldRef"), needsContainer: true, errors);
        }
        else
        {
            errors.Required(path, "one of fieldRef and resourceFieldRef is required");
        }

        Mode(item, path, "mode");
    }

    private void Token(JsonMap token, FieldPath at, FieldPath volume)
    {
        long seconds = token.Integer("expirationSeconds") ?? 0;
        if (seconds < 600)
        {
            errors.Invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        }

        if (seconds > 1L << 32)
        {
            errors.Invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
        }

        string file = token.String("path") ?? "";
        if (file.Length == 0)
        {
            errors.Required(volume.Child("path"));
        }
        else
        {
            LocalFile(file, volume.Child("path"));
        }
    }

    private void Bundle(JsonMap bundle, FieldPath at, FieldPath volume, HashSet<string> paths)
    {
        string? name = bundle.String("name"), signer = bundle.String("signerName");
        if (name is not null && signer is not null)
        {
            errors.Invalid(at, bundle, "only one of name and signerName may be used");
        }
        else if (name is not null)
        {
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"), "must be a valid object name");
            }

            foreach (string fault in NameRules.DnsSubdomain(name.Replace(':', '.')))
            {
                errors.Invalid(at.Child("name"), name, $"not a valid clustertrustbundlename: {fault}");
            }

            if (bundle.Map("labelSelector") is { } labels)
            {
                errors.Invalid(at.Child("labelSelector"), labels, "labelSelector must be unset if name is specified");
            }
        }
        else if (signer is not null)
        {
            if (signer.Length == 0)
            {
                errors.Required(at.Child("signerName"), "must be a valid signer name");
            }

            SelectorValidation.Labels(bundle.Map("labelSelector"), at.Child("labelSelector"), errors);
        }
        else
        {
            errors.Required(at, "either name or signerName must be specified");
        }

        string file = bundle.String("path") ?? "";
        VolumeSourceValidation.Need(bundle, at, errors, "path");
        LocalFile(file, at.Child("path"));
        if (!paths.Add(file))
        {
            errors.Invalid(volume, file, Conflict);
        }
    }
}
