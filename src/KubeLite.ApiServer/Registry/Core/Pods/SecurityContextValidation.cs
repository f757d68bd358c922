using System.Globalization;
using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates the security contexts of Pods and containers (Kubernetes v1.36).</summary>
public static partial class SecurityContextValidation
{
    private const string SysctlPattern = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

    private static readonly string[] s_profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];

    /// <summary>Adds the faults of a Pod's.</summary>
    public static void Pod(JsonMap? context, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }

        foreach (string id in (string[])["fsGroup", "runAsUser", "runAsGroup"])
        {
            Id(context, path, id, errors);
        }

        int index = 0;
        foreach (object? group in context.List("supplementalGroups") ?? [])
        {
            Range(group as long? ?? 0, path.Child("supplementalGroups").Index(index++), errors);
        }

        if (spec.Flag("shareProcessNamespace") && spec.Flag("hostPID"))
        {
            errors.Invalid(path.Child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        Sysctls(context.List("sysctls"), spec, path.Child("sysctls"), errors);
        if (context.String("fsGroupChangePolicy") is { } policy)
        {
            FieldRules.OneOf(policy, path.Child("fsGroupChangePolicy"), errors, "Always", "OnRootMismatch");
        }

        Seccomp(context.Map("seccompProfile"), path.Child("seccompProfile"), errors);
        WindowsValidation.Options(context.Map("windowsOptions"), path.Child("windowsOptions"), errors);
        AppArmor(context.Map("appArmorProfile"), path.Child("appArmorProfile"), errors);
        if (context.String("supplementalGroupsPolicy") is { } groups)
        {
            FieldRules.OneOf(groups, path.Child("supplementalGroupsPolicy"), errors, "Merge", "Strict");
        }

        if (context.String("seLinuxChangePolicy") is { } change)
        {
            FieldRules.OneOf(change, path.Child("seLinuxChangePolicy"), errors, "MountOption", "Recursive");
        }
    }

    /// <summary>Adds the faults of a container's.</summary>
    public static void Container(JsonMap? context, bool hostUsers, bool allowPrivileged, FieldPath path, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }

        if (context.Flag("privileged") && !allowPrivileged)
        {
            errors.Forbidden(path.Child("privileged"), "disallowed by cluster policy");
        }

        Id(context, path, "runAsUser", errors);
        Id(context, path, "runAsGroup", errors);
        if (context.String("procMount") is { } proc)
        {
            FieldRules.OneOf(proc, path.Child("procMount"), errors, "Default", "Unmasked");
            if (hostUsers && proc == "Unmasked")
            {
                errors.Invalid(path.Child("procMount"), proc, "`hostUsers` must be false to use `Unmasked`");
            }
        }

        Seccomp(context.Map("seccompProfile"), path.Child("seccompProfile"), errors);
        if (context["allowPrivilegeEscalation"] is false)
        {
            if (context.Flag("privileged"))
            {
                errors.Invalid(path, Internal(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            foreach (string capability in context.Map("capabilities")?.List("add")?.Strings() ?? [])
            {
                if (capability == "CAP_SYS_ADMIN")
                {
                    errors.Invalid(
                        path, Internal(context), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
                }
            }
        }

        WindowsValidation.Options(context.Map("windowsOptions"), path.Child("windowsOptions"), errors);
        AppArmor(context.Map("appArmorProfile"), path.Child("appArmorProfile"), errors);
    }

    /// <summary>Adds the faults of an AppArmor profile; null has none.</summary>
    public static void AppArmor(JsonMap? profile, FieldPath path, FieldErrors errors)
    {
        string type = profile?.String("type") ?? "";
        string? file = profile?.String("localhostProfile");
        FieldPath at = path.Child("localhostProfile");
        if (profile is null)
        {
            return;
        }

        if (type == "Localhost")
        {
            if (string.IsNullOrEmpty(file))
            {
                errors.Required(at, "must be set when AppArmor type is Localhost");
            }
            else if (file.Trim() != file)
            {
                errors.Invalid(at, file, "must not be padded with whitespace");
            }

            if (file?.Length > 4095)
            {
                errors.TooLong(at, 4095);
            }
        }
        else if (type.Length == 0)
        {
            errors.Required(path.Child("type"), "type is required when appArmorProfile is set");
        }
        else if (!s_profileTypes.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, s_profileTypes);
        }
        else if (file is not null)
        {
            errors.Invalid(at, file, "can only be set when AppArmor type is Localhost");
        }
    }

    private static void Seccomp(JsonMap? profile, FieldPath path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        string type = profile.String("type") ?? "";
        string? file = profile.String("localhostProfile");
        FieldPath at = path.Child("localhostProfile");
        if (type.Length == 0)
        {
            errors.Required(path.Child("type"), "type is required when seccompProfile is set");
        }
        else if (!s_profileTypes.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, s_profileTypes);
        }

        if (type == "Localhost" && file is null)
        {
            errors.Required(at, "must be set when seccomp type is Localhost");
        }
        else if (type == "Localhost")
        {
            VolumeSourceValidation.LocalPath(file!, at, errors);
        }
        else if (file is not null)
        {
            errors.Invalid(
                at, new JsonMap { { "Type", type }, { "LocalhostProfile", file } }, "can only be set when seccomp type is Localhost");
        }
    }

    private static void Sysctls(JsonList? sysctls, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap sysctl in sysctls?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++).Child("name");
            string name = sysctl.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at);
            }
            else if (name.Length > 253 || !SysctlForm().IsMatch(name))
            {
                errors.Invalid(at, name, $"must have at most 253 characters and match regex {SysctlPattern}");
            }
            else if (names.Contains(name))
            {
                errors.Duplicate(at, name);
            }

            string dotted = name.Replace('/', '.');
            if (spec.Flag("hostNetwork") && dotted.StartsWith("net.", StringComparison.Ordinal))
            {
                errors.Invalid(at, name, "may not be specified when 'hostNetwork' is true");
            }
            else if (spec.Flag("hostIPC") && (dotted is "kernel.sem" || dotted.StartsWith("kernel.shm", StringComparison.Ordinal) ||
                dotted.StartsWith("kernel.msg", StringComparison.Ordinal) || dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal)))
            {
                errors.Invalid(at, name, "may not be specified when 'hostIPC' is true");
            }

            names.Add(name);
        }
    }

    /// <summary>The context as Kubernetes shows it in messages: with the names of its internal type.</summary>
    private static JsonMap Internal(JsonMap context)
    {
        string[] names =
        [
            "capabilities", "privileged", "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot",
            "readOnlyRootFilesystem", "allowPrivilegeEscalation", "procMount", "seccompProfile", "appArmorProfile",
        ];
        var shown = new JsonMap();
        foreach (string name in names)
        {
            string key =
                name switch { "seLinuxOptions" => "SELinuxOptions", _ => char.ToUpper(name[0], CultureInfo.InvariantCulture) + name[1..] };
            shown.Append(key, name == "capabilities" && context.Map(name) is { } capabilities
                ? new JsonMap { { "Add", capabilities["add"] }, { "Drop", capabilities["drop"] } }
                : context[name]);
        }

        return shown;
    }

    private static void Id(JsonMap context, FieldPath path, string name, FieldErrors errors)
    {
        if (context.Integer(name) is { } id)
        {
            Range(id, path.Child(name), errors);
        }
    }

    private static void Range(long id, FieldPath path, FieldErrors errors) =>
        FieldRules.Follows(NameRules.InRange(id, 0, int.MaxValue), id, path, errors);

    [GeneratedRegex(@"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SysctlForm();
}
