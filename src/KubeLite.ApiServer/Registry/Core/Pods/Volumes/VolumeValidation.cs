using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Volumes;

/// <summary>Validates a Pod's volumes (Kubernetes v1.36, <c>ValidateVolumes</c>).</summary>
/// <param name="errors">Gets the faults.</param>
/// <param name="pod">The Pod's metadata; null in a template, whose Pods have no name yet.</param>
public sealed class VolumeValidation(FieldErrors errors, JsonMap? pod)
{
    /// <summary>In the order in which Kubernetes looks at them: the first that is there is the volume's, others are too many.</summary>
    private static readonly string[] s_sources =
    [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs", "flocker",
        "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap", "azureFile",
        "vsphereVolume", "photonPersistentDisk", "portworxVolume",
        "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
    ];

    private readonly ProjectionValidation _projections = new(errors);

    /// <summary>Adds the faults.</summary>
    /// <returns>The valid volumes by name.</returns>
    public Dictionary<string, JsonMap> Validate(JsonList? volumes, FieldPath path)
    {
        var valid = new Dictionary<string, JsonMap>(StringComparer.Ordinal);
        string podName = pod?.String("name") ?? "";
        HashSet<string> claims = podName.Length == 0
            ? []
            : [.. (volumes?.Maps() ?? []).Where(v => v.Map("ephemeral") is not null).Select(v => $"{podName}-{v.String("name")}")];
        int index = 0;
        foreach (JsonMap volume in volumes?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            int before = errors.Count;
            string name = volume.String("name") ?? "";
            Sources(volume, name, at);
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else
            {
                FieldRules.Label(name, at.Child("name"), errors);
            }

            if (valid.ContainsKey(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }

            if (errors.Count == before)
            {
                valid.Add(name, volume);
            }

            if (volume.Map("persistentVolumeClaim")?.String("claimName") is { } claim && claims.Contains(claim))
            {
                errors.Invalid(
                    at.Child("persistentVolumeClaim").Child("claimName"), claim,
                    "must not reference a PVC that gets created for an ephemeral volume");
            }
        }

        return valid;
    }

    private void Sources(JsonMap volume, string name, FieldPath path)
    {
        int count = 0;
        foreach (string kind in s_sources)
        {
            if (volume.Map(kind) is not { } source)
            {
                continue;
            }

            if (count++ > 0)
            {
                errors.Forbidden(path.Child(VolumeSourceValidation.ForbiddenName(kind)), "may not specify more than 1 volume type");
            }
            else
            {
                Source(kind, source, name, path);
            }

            if (kind == "iscsi" && source.String("initiatorName") is not null && $"{name}:{source.String("targetPortal")}".Length > 64)
            {
                errors.Invalid(path.Child("name"), name, VolumeSourceValidation.PortalTooLong);
            }
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private void Source(string kind, JsonMap source, string name, FieldPath path)
    {
        FieldPath at = path.Child(kind);
        switch (kind)
        {
            case "emptyDir":
                if (Quantity.TryParse(source.String("sizeLimit"), out Quantity size, out _) && size.Sign < 0)
                {
                    errors.Forbidden(at.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "secret" or "configMap":
                VolumeSourceValidation.Need(source, at, errors, kind == "secret" ? "secretName" : "name");
                _projections.Mode(source, at, "defaultMode");
                _projections.Items(source.List("items"), at.Child("items"));
                break;
            case "persistentVolumeClaim":
                VolumeSourceValidation.Need(source, at, errors, "claimName");
                break;
            case "downwardAPI":
                _projections.Mode(source, at, "defaultMode");
                _projections.Downward(source.List("items"), at);
                break;
            case "projected":
                _projections.Mode(source, at, "defaultMode");
                _projections.Sources(source.List("sources"), at);
                break;
            case "csi":
                Csi(source, at);
                break;
            case "ephemeral":
                Ephemeral(source, name, path);
                break;
            case "image":
                Image(source, at);
                break;
            default:
                VolumeSourceValidation.Shared(kind, source, path, errors, persistent: false);
                break;
        }
    }

    private void Csi(JsonMap source, FieldPath path)
    {
        FieldRules.DriverName(source.String("driver"), path.Child("driver"), errors);
        if (source.Map("nodePublishSecretRef") is { } secret)
        {
            string name = secret.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(path.Child("nodePublishSecretRef").Child("name"));
            }
            else
            {
                FieldRules.Subdomain(name, path.Child("name"), errors);
            }
        }
    }

    private void Ephemeral(JsonMap source, string volume, FieldPath path)
    {
        FieldPath at = path.Child("ephemeral").Child("volumeClaimTemplate");
        if (source.Map("volumeClaimTemplate") is not { } template)
        {
            errors.Required(at);
        }
        else
        {
            ClaimTemplateMetadata(template.Map("metadata"), at.Child("metadata"));
            PersistentVolumeClaimValidation.Spec(template.Map("spec") ?? new JsonMap(), at.Child("spec"), errors);
        }

        if (pod?.String("name") is { Length: > 0 } podName && volume.Length > 0)
        {
            string claim = $"{podName}-{volume}";
            foreach (string fault in NameRules.DnsSubdomain(claim))
            {
                errors.Invalid(path.Child("name"), volume, $"PVC name {FieldError.GoQuote(claim)}: {fault}");
            }
        }
    }

    private void ClaimTemplateMetadata(JsonMap? metadata, FieldPath path)
    {
        Generic.MetadataValidation.Annotations(metadata?.Map("annotations"), path.Child("annotations"), errors);
        Generic.MetadataValidation.Labels(metadata?.Map("labels"), path.Child("labels"), errors);
        foreach (var (name, value) in metadata ?? [])
        {
            if (name is not ("annotations" or "labels") && value is not (null or "" or JsonMap { Count: 0 } or JsonList { Count: 0 }))
            {
                errors.Forbidden(path.Child(name), "cannot be set");
            }
        }
    }

    private void Image(JsonMap source, FieldPath path)
    {
        if (pod is not null)
        {
            VolumeSourceValidation.Need(source, path, errors, "reference");
        }

        FieldRules.RequiredOneOf(source.String("pullPolicy"), path.Child("pullPolicy"), errors, "Always", "IfNotPresent", "Never");
    }
}
