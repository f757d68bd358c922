using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>
/// Values as Kubernetes' messages show them: the JSON of its internal types, which have no JSON names. Every field is
/// there, under its Go name, absent ones as null or zero. Types of metav1 keep their JSON form.
/// </summary>
public static class InternalForm
{
    private static readonly string[] s_hostFields = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

    /// <summary>Go names that aren't the JSON name with a capital.</summary>
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["tty"] = "TTY",
        ["dnsPolicy"] = "DNSPolicy",
        ["dnsConfig"] = "DNSConfig",
        ["os"] = "OS",
        ["setHostnameAsFQDN"] = "SetHostnameAsFQDN",
        ["fsGroup"] = "FSGroup",
        ["fsGroupChangePolicy"] = "FSGroupChangePolicy",
        ["seLinuxOptions"] = "SELinuxOptions",
        ["seLinuxChangePolicy"] = "SELinuxChangePolicy",
        ["seLinuxMount"] = "SELinuxMount",
        ["apiGroup"] = "APIGroup",
        ["apiGroups"] = "APIGroups",
        ["apiVersion"] = "APIVersion",
        ["apiVersions"] = "APIVersions",
        ["uid"] = "UID",
        ["ip"] = "IP",
        ["ips"] = "IPs",
        ["cidr"] = "CIDR",
        ["cidrs"] = "CIDRs",
        ["tls"] = "TLS",
        ["http"] = "HTTP",
        ["url"] = "URL",
        ["httpGet"] = "HTTPGet",
        ["tcpSocket"] = "TCPSocket",
        ["grpc"] = "GRPC",
        ["httpHeaders"] = "HTTPHeaders",
        ["cel"] = "CEL",
        ["nfs"] = "NFS",
        ["iscsi"] = "ISCSI",
        ["rbd"] = "RBD",
        ["csi"] = "CSI",
        ["cephfs"] = "CephFS",
        ["fc"] = "FC",
        ["gcePersistentDisk"] = "GCEPersistentDisk",
        ["awsElasticBlockStore"] = "AWSElasticBlockStore",
        ["scaleIO"] = "ScaleIO",
        ["storageos"] = "StorageOS",
        ["fsType"] = "FSType",
        ["pdName"] = "PDName",
        ["downwardAPI"] = "DownwardAPI",
        ["caBundle"] = "CABundle",
        ["ttlSecondsAfterFinished"] = "TTLSecondsAfterFinished",
        ["persistentVolumeSource"] = "PersistentVolumeSource",
        ["hostIP"] = "HostIP",
        ["hostPID"] = "HostPID",
        ["hostIPC"] = "HostIPC",
        ["ipBlock"] = "IPBlock",
    };

    /// <summary>Orders of internal fields that differ from those of the served types; the rest follow as served.</summary>
    private static readonly Dictionary<string, string[]> s_orders = new(StringComparer.Ordinal)
    {
        ["PersistentVolumeClaimSpec"] = ["accessModes", "selector", "resources", "volumeName", "storageClassName", "volumeMode"],
        ["RoleRef"] = ["apiGroup", "kind", "name"],
        ["Container"] =
        [
            "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy", "restartPolicy",
            "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
            "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
        ],
        ["EphemeralContainer"] =
        [
            "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy", "restartPolicy",
            "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
            "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
            "targetContainerName",
        ],
        ["PodSpec"] =
        [
            "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds",
            "activeDeadlineSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName", "automountServiceAccountToken", "nodeName",
            "securityContext", "imagePullSecrets", "hostname", "subdomain", "setHostnameAsFQDN", "affinity", "schedulerName", "tolerations",
            "hostAliases", "priorityClassName", "priority", "preemptionPolicy", "dnsConfig", "readinessGates", "runtimeClassName",
            "overhead",
            "enableServiceLinks", "topologySpreadConstraints", "os", "schedulingGates", "resourceClaims", "resources", "hostnameOverride",
            "schedulingGroup",
        ],
        ["PodSecurityContext"] =
        [
            "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "supplementalGroupsPolicy",
            "fsGroup", "fsGroupChangePolicy", "sysctls", "seccompProfile", "appArmorProfile", "seLinuxChangePolicy",
        ],
        ["PersistentVolumeSpec"] = [
            "capacity", "*source", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions",
            "volumeMode", "nodeAffinity", "volumeAttributesClassName",
        ],
    };

    /// <summary>A value in its internal form.</summary>
    /// <param name="value">The value; null where it isn't set.</param>
    /// <param name="schema">Its description.</param>
    public static object? Of(object? value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object when value is JsonMap map:
                return schema.TypeName!.Contains(".apis.meta.v1.", StringComparison.Ordinal) ? map : Object(map, schema);
            case ValueKind.List when value is JsonList list:
                return new JsonList(list.Select(item => Of(item, schema.Element!)));
            case ValueKind.Map when value is JsonMap map && !schema.Element!.IsScalar:
                var entries = new JsonMap(map.Count);
                foreach (var (key, item) in map)
                {
                    entries.Append(key, Of(item, schema.Element));
                }

                return entries;
            default:
                return value;
        }
    }

    /// <summary>A member in its internal form; one that isn't set is null or zero, as its type has it.</summary>
    public static object? Member(JsonMap map, SchemaField field) => Of(map[field.Name] ?? Zero(field), field.Schema);

    private static JsonMap Object(JsonMap map, Schema schema)
    {
        var result = new JsonMap(schema.Fields.Count);
        if (schema.ShortName == "PodSecurityContext")
        {
            // The fields of the Pod's namespaces stand in the internal security context.
            return Append(map, schema, result);
        }

        if (schema.ShortName == "PodSpec")
        {
            map = map.DeepCopy();
            JsonMap? context = map.Map("securityContext");
            Append(map, schema, result);
            JsonMap moved = new();
            foreach (string name in s_hostFields)
            {
                moved.Append(
                    GoName(name), map[name] ?? (name.StartsWith("host", StringComparison.Ordinal) && name != "hostUsers" ? false : null));
            }

            if (context is not null)
            {
                Append(context, schema.Field("securityContext")!.Schema, moved);
                result["SecurityContext"] = moved;
            }

            return result;
        }

        return Append(map, schema, result);
    }

    private static JsonMap Append(JsonMap map, Schema schema, JsonMap result)
    {
        foreach (SchemaField field in Ordered(schema))
        {
            if (field.Name == "metadata")
            {
                // An embedded ObjectMeta has no name of its own.
                foreach (var (name, member) in map.Map("metadata") ?? [])
                {
                    if (member is not null)
                    {
                        result[name] = member;
                    }
                }

                continue;
            }

            if (schema.ShortName == "PodSpec" && (s_hostFields.Contains(field.Name) || field.Name == "serviceAccount"))
            {
                continue;
            }

            result[GoName(field.Name)] = Member(map, field);
        }

        return result;
    }

    private static IEnumerable<SchemaField> Ordered(Schema schema)
    {
        if (!s_orders.TryGetValue(schema.ShortName, out string[]? order))
        {
            return schema.Fields;
        }

        var rest = schema.Fields.Where(f => !order.Contains(f.Name)).ToList();
        var fields = new List<SchemaField>(schema.Fields.Count);
        foreach (string name in order)
        {
            if (name == "*source")
            {
                fields.AddRange(rest);
                rest = [];
            }
            else if (schema.Field(name) is { } field)
            {
                fields.Add(field);
            }
        }

        return fields.Concat(rest);
    }

    private static object? Zero(SchemaField field) =>
        field.Empty is EmptyRule.Optional or EmptyRule.OptionalNull ? null : field.Schema.Kind switch
        {
            ValueKind.String => "",
            ValueKind.Int32 or ValueKind.Int64 or ValueKind.Double or ValueKind.IntOrString => 0L,
            ValueKind.Boolean => false,
            ValueKind.Quantity => "0",
            ValueKind.Object => new JsonMap(),
            _ => null,
        };

    private static string GoName(string name) => s_names.GetValueOrDefault(name) ?? char.ToUpperInvariant(name[0]) + name[1..];
}
