using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>Validates where a kubelet once took its configuration from; the field is kept, and means nothing (Kubernetes v1.36).</summary>
internal static class NodeConfigValidation
{
    /// <summary>Adds the faults of a source.</summary>
    public static void Source(JsonMap source, FieldPath path, bool inStatus, Schema schema, FieldErrors errors)
    {
        if (source.Map("configMap") is not { } map)
        {
            errors.Invalid(path, InternalForm.Of(source, schema), "exactly one reference subfield must be non-nil");
            return;
        }

        path = path.Child("configMap");
        foreach (string name in (string[])["uid", "resourceVersion"])
        {
            bool set = (map.String(name) ?? "").Length > 0;
            if (set && !inStatus)
            {
                errors.Forbidden(path.Child(name), $"{name} must not be set in spec");
            }
            else if (!set && inStatus)
            {
                errors.Required(path.Child(name), $"{name} must be set in status");
            }
        }

        Member(map, "namespace", NameRules.DnsLabel, path, errors);
        Member(map, "name", NameRules.DnsSubdomain, path, errors);
        Member(map, "kubeletConfigKey", NameRules.ConfigKey, path, errors);
    }

    private static void Member(JsonMap map, string name, Func<string, IEnumerable<string>> rule, FieldPath path, FieldErrors errors)
    {
        string value = map.String(name) ?? "";
        if (value.Length == 0)
        {
            errors.Required(path.Child(name), $"{name} must be set");
        }
        else
        {
            FieldRules.Follows(rule(value), value, path.Child(name), errors);
        }
    }
}
