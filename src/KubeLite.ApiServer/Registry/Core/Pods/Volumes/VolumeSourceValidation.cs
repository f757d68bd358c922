using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Volumes;

/// <summary>
/// Validates the sources that volumes of Pods and PersistentVolumes share (Kubernetes v1.36, <c>pkg/apis/core/validation</c>).
/// </summary>
public static partial class VolumeSourceValidation
{
    /// <summary>The detail where an iSCSI volume's name and portal are too long together.</summary>
    public const string PortalTooLong =
        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

    private const string HostPort = "must be a host:port pair or multiple pairs separated by commas";
    private const string IscsiForm = "must be valid format";

    /// <summary>The name under which a second source is refused; two differ from the field's.</summary>
    public static string ForbiddenName(string kind) => kind switch
    {
        "cephfs" => "cephFS",
        "downwardAPI" => "downwarAPI",
        _ => kind,
    };

    /// <summary>Adds the faults of a source.</summary>
    /// <param name="kind">The field it stands in.</param>
    /// <param name="source">The source.</param>
    /// <param name="path">The volume's path.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="persistent">True for a PersistentVolume's, whose references name a namespace.</param>
    public static void Shared(string kind, JsonMap source, FieldPath path, FieldErrors errors, bool persistent)
    {
        FieldPath at = path.Child(kind == "gcePersistentDisk" ? "persistentDisk" : kind);
        switch (kind)
        {
            case "hostPath":
                HostPath(source, at, errors);
                break;
            case "gitRepo":
                Need(source, at, errors, "repository");
                LocalPath(source.String("directory") ?? "", at.Child("directory"), errors);
                break;
            case "gcePersistentDisk":
                Need(source, at, errors, "pdName");
                Range(source, "partition", 1, at, errors);
                break;
            case "awsElasticBlockStore":
                Need(source, at, errors, "volumeID");
                Range(source, "partition", 1, at, errors);
                break;
            case "nfs":
                Nfs(source, at, errors);
                break;
            case "iscsi":
                Iscsi(source, at, errors, persistent);
                break;
            case "glusterfs":
                Need(source, at, errors, "endpoints", "path");
                GlusterNamespace(source.String("endpointsNamespace"), at.Child("endpointsNamespace"), errors);
                break;
            case "flocker":
                Flocker(source, at, errors);
                break;
            case "rbd":
                NeedItems(source, at, errors, "monitors");
                Need(source, at, errors, "image");
                break;
            case "cinder":
                Need(source, at, errors, "volumeID");
                SecretReference(source, at, errors, persistent);
                break;
            case "cephfs":
                NeedItems(source, at, errors, "monitors");
                break;
            case "quobyte":
                Quobyte(source, at, errors);
                break;
            case "fc":
                FibreChannel(source, at, errors);
                break;
            case "flexVolume":
                Flex(source, at, errors);
                break;
            case "azureFile":
                Need(source, at, errors, "secretName", "shareName");
                if (source.String("secretNamespace") is { Length: 0 })
                {
                    errors.Required(at.Child("secretNamespace"));
                }

                break;
            case "vsphereVolume":
                Need(source, at, errors, "volumePath");
                break;
            case "photonPersistentDisk":
                Need(source, at, errors, "pdID");
                break;
            case "portworxVolume":
                Need(source, at, errors, "volumeID");
                break;
            case "azureDisk":
                AzureDisk(source, at, errors);
                break;
            case "scaleIO":
                Need(source, at, errors, "gateway", "system", "volumeName");
                break;
            case "storageos":
                StorageOs(source, at, errors, persistent);
                break;
        }
    }

    /// <summary>Adds the faults of members that must not be empty.</summary>
    public static void Need(JsonMap source, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if ((source.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(name));
            }
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

        NoBacksteps(value, path.Child("path"), errors);
        if (source.String("type") is { } type)
        {
            FieldRules.OneOf(
                type, path.Child("type"), errors, "", "BlockDevice", "CharDevice",
                "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
        }
    }

    /// <summary>Adds the faults of a path below a volume's root.</summary>
    public static void LocalPath(string value, FieldPath path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        NoBacksteps(value, path, errors);
    }

    /// <summary>Adds the fault of a path that goes upwards.</summary>
    public static void NoBacksteps(string value, FieldPath path, FieldErrors errors)
    {
        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    private static void NeedItems(JsonMap source, FieldPath path, FieldErrors errors, string name)
    {
        if (source.List(name) is not { Count: > 0 })
        {
            errors.Required(path.Child(name));
        }
    }

    private static void Range(JsonMap source, string name, int shownLow, FieldPath path, FieldErrors errors)
    {
        if (source.Integer(name) is { } value and (< 0 or > 255))
        {
            errors.Invalid(path.Child(name), value, $"must be between {shownLow} and 255, inclusive");
        }
    }

    private static void Nfs(JsonMap source, FieldPath path, FieldErrors errors)
    {
        Need(source, path, errors, "server", "path");
        string export = source.String("path") ?? "";
        if (!export.StartsWith('/'))
        {
            errors.Invalid(path.Child("path"), export, "must be an absolute path");
        }
    }

    private static void Iscsi(JsonMap source, FieldPath path, FieldErrors errors, bool persistent)
    {
        // A Pod's volume says which prefixes there are; a PersistentVolume's doesn't.
        string prefixFault = persistent ? IscsiForm : "must be valid format starting with iqn, eui, or naa";
        Need(source, path, errors, "targetPortal");
        string iqn = source.String("iqn") ?? "";
        if (iqn.Length == 0)
        {
            errors.Required(path.Child("iqn"));
        }
        else
        {
            IscsiName(iqn, path.Child("iqn"), prefixFault, errors);
        }

        Range(source, "lun", 0, path, errors);
        if ((source.Flag("chapAuthDiscovery") || source.Flag("chapAuthSession")) && source.Map("secretRef") is null)
        {
            errors.Required(path.Child("secretRef"));
        }

        if (persistent && source.Map("secretRef") is { } secret)
        {
            Need(secret, path.Child("secretRef"), errors, "name");
        }

        if (source.String("initiatorName") is { } initiator)
        {
            IscsiName(initiator, path.Child("initiatorname"), prefixFault, errors);
        }
    }

    private static void IscsiName(string name, FieldPath path, string prefixFault, FieldErrors errors)
    {
        bool iqn = name.StartsWith("iqn", StringComparison.Ordinal),
            eui = name.StartsWith("eui", StringComparison.Ordinal), naa = name.StartsWith("naa", StringComparison.Ordinal);
        if (!iqn && !eui && !naa)
        {
            errors.Invalid(path, name, prefixFault);
        }
        else if ((iqn && !IqnForm().IsMatch(name)) || (eui && !EuiForm().IsMatch(name)) || (naa && !NaaForm().IsMatch(name)))
        {
            errors.Invalid(path, name, IscsiForm);
        }
    }

    private static void GlusterNamespace(string? ns, FieldPath path, FieldErrors errors)
    {
        if (ns is { Length: 0 })
        {
            errors.Invalid(path, ns, "if the endpointnamespace is set, it must be a valid namespace name");
        }
        else if (ns is not null)
        {
            FieldRules.Label(ns, path, errors);
        }
    }

    private static void Flocker(JsonMap source, FieldPath path, FieldErrors errors)
    {
        string name = source.String("datasetName") ?? "", id = source.String("datasetUUID") ?? "";
        if (name.Length == 0 && id.Length == 0)
        {
            errors.Required(path, "one of datasetName and datasetUUID is required");
        }

        if (name.Length > 0 && id.Length > 0)
        {
            errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
        }

        if (name.Contains('/'))
        {
            errors.Invalid(path.Child("datasetName"), name, "must not contain '/'");
        }
    }

    private static void SecretReference(JsonMap source, FieldPath path, FieldErrors errors, bool persistent)
    {
        if (source.Map("secretRef") is { } secret)
        {
            Need(secret, path.Child("secretRef"), errors, persistent ? ["name", "namespace"] : ["name"]);
        }
    }

    private static void Quobyte(JsonMap source, FieldPath path, FieldErrors errors)
    {
        string registry = source.String("registry") ?? "";
        if (registry.Length == 0)
        {
            errors.Required(path.Child("registry"), HostPort);
        }
        else if ((source.String("tenant") ?? "").Length >= 65)
        {
            errors.Required(path.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters");
        }
        else
        {
            foreach (string pair in registry.Split(','))
            {
                if (!HostPortForm().IsMatch(pair))
                {
                    errors.Invalid(path.Child("registry"), registry, HostPort);
                }
            }
        }

        Need(source, path, errors, "volume");
    }

    private static void FibreChannel(JsonMap source, FieldPath path, FieldErrors errors)
    {
        bool targets = source.List("targetWWNs") is { Count: > 0 }, ids = source.List("wwids") is { Count: > 0 };
        if (!targets && !ids)
        {
            errors.Required(path.Child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
        }

        if (targets && ids)
        {
            errors.Invalid(path.Child("targetWWNs"), source["targetWWNs"], "targetWWNs and wwids can not be specified simultaneously");
        }

        if (targets && source.Integer("lun") is null)
        {
            errors.Required(path.Child("lun"), "lun is required if targetWWNs is specified");
        }
        else if (targets)
        {
            Range(source, "lun", 0, path, errors);
        }
    }

    private static void Flex(JsonMap source, FieldPath path, FieldErrors errors)
    {
        Need(source, path, errors, "driver");
        foreach (var (key, _) in source.Map("options") ?? [])
        {
            string domain = "." + key.Split('/', 2)[0].ToLowerInvariant();
            if (domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) || domain.EndsWith(".k8s.io", StringComparison.Ordinal))
            {
                errors.Invalid(path.Child("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    private static void AzureDisk(JsonMap source, FieldPath path, FieldErrors errors)
    {
        Need(source, path, errors, "diskName", "diskURI");
        if (source.String("cachingMode") is { } caching)
        {
            FieldRules.OneOf(caching, path.Child("cachingMode"), errors, "None", "ReadOnly", "ReadWrite");
        }

        if (source.String("kind") is not { } kind)
        {
            return;
        }

        FieldRules.OneOf(kind, path.Child("kind"), errors, "Dedicated", "Managed", "Shared");
        string uri = source.String("diskURI") ?? "";
        if (kind == "Managed" && !uri.StartsWith("/subscriptions/", StringComparison.Ordinal))
        {
            errors.NotSupported(
                path.Child("diskURI"), uri,
                "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}");
        }
        else if (kind != "Managed" && !uri.StartsWith("https://", StringComparison.Ordinal))
        {
            errors.NotSupported(
                path.Child("diskURI"), uri, "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd");
        }
    }

    private static void StorageOs(JsonMap source, FieldPath path, FieldErrors errors, bool persistent)
    {
        string name = source.String("volumeName") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("volumeName"));
        }
        else
        {
            FieldRules.Label(name, path.Child("volumeName"), errors);
        }

        if (source.String("volumeNamespace") is { Length: > 0 } ns)
        {
            FieldRules.Label(ns, path.Child("volumeNamespace"), errors);
        }

        SecretReference(source, path, errors, persistent);
    }

    [GeneratedRegex(@"iqn\.[0-9]{4}-[0-9]{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IqnForm();

    [GeneratedRegex(@"^eui.[a-zA-Z0-9]{16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EuiForm();

    [GeneratedRegex(@"^naa.[a-zA-Z0-9]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NaaForm();

    [GeneratedRegex(@"^(\[[^\[\]]*\]|[^:\[\]]*):[^:]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPortForm();
}
