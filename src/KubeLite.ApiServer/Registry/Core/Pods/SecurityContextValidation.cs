using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates the security contexts of Pods and containers.</summary>
public static class SecurityContextValidation
{
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

        index = 0;
        foreach (JsonMap sysctl in context.List("sysctls")?.Maps() ?? [])
        {
            FieldPath at = path.Child("sysctls").Index(index++);
            if ((sysctl.String("name") ?? "").Length == 0)
            {
                errors.Required(at.Child("name"));
            }
        }

        if (context.String("fsGroupChangePolicy") is { } policy && policy is not ("OnRootMismatch" or "Always"))
        {
            errors.NotSupported(path.Child("fsGroupChangePolicy"), policy, "Always", "OnRootMismatch");
        }

        Profile(context.Map("seccompProfile"), path.Child("seccompProfile"), errors);
        Profile(context.Map("appArmorProfile"), path.Child("appArmorProfile"), errors);
    }

    /// <summary>Adds the faults of a container's.</summary>
    public static void Container(JsonMap? context, bool allowPrivileged, FieldPath path, FieldErrors errors)
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
        if (context.String("procMount") is { } proc && proc is not ("Default" or "Unmasked"))
        {
            errors.NotSupported(path.Child("procMount"), proc, "Default", "Unmasked");
        }

        Profile(context.Map("seccompProfile"), path.Child("seccompProfile"), errors);
        Profile(context.Map("appArmorProfile"), path.Child("appArmorProfile"), errors);
        if (context["allowPrivilegeEscalation"] is false)
        {
            if (context.Flag("privileged"))
            {
                errors.Invalid(path, Internal(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            foreach (string capability in context.Map("capabilities")?.List("add")?.Strings() ?? [])
            {
                if (capability is "CAP_SYS_ADMIN" or "SYS_ADMIN")
                {
                    errors.Invalid(path, Internal(context), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
                }
            }
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
            string key = name switch { "seLinuxOptions" => "SELinuxOptions", _ => char.ToUpper(name[0], CultureInfo.InvariantCulture) + name[1..] };
            shown.Append(key, context[name]);
        }

        return shown;
    }

    private static void Profile(JsonMap? profile, FieldPath path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        string type = profile.String("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required(path.Child("type"), path.ToString().EndsWith("appArmorProfile", StringComparison.Ordinal) ? "type is required when appArmorProfile is set" : "type is required when seccompProfile is set");
        }
        else if (type is not ("Localhost" or "RuntimeDefault" or "Unconfined"))
        {
            errors.NotSupported(path.Child("type"), type, "Localhost", "RuntimeDefault", "Unconfined");
        }

        string? file = profile.String("localhostProfile");
        if (type == "Localhost" && string.IsNullOrEmpty(file))
        {
            errors.Required(path.Child("localhostProfile"), "must be set when type is Localhost");
        }
        else if (type != "Localhost" && file is not null)
        {
            errors.Invalid(path.Child("localhostProfile"), file, "may only be set when type is Localhost");
        }
    }

    private static void Id(JsonMap context, FieldPath path, string name, FieldErrors errors)
    {
        if (context.Integer(name) is { } id)
        {
            Range(id, path.Child(name), errors);
        }
    }

    private static void Range(long id, FieldPath path, FieldErrors errors)
    {
        if (id is < 0 or > int.MaxValue)
        {
            errors.Invalid(path, id, $"must be between 0 and {int.MaxValue}, inclusive");
        }
    }
}
