using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates what a Pod's operating system allows, and the options of Windows (Kubernetes v1.36).</summary>
public static partial class WindowsValidation
{
    private const string NotForWindows = "cannot be set for a windows pod";
    private const string NotForLinux = "windows options cannot be set for a linux pod";

    private static readonly (string Holder, string Name)[] s_podFields =
    [
        ("securityContext", "appArmorProfile"), ("securityContext", "seLinuxOptions"), ("", "hostUsers"), ("", "hostPID"), ("", "hostIPC"),
        ("securityContext", "seccompProfile"), ("securityContext", "fsGroup"),
        ("securityContext", "fsGroupChangePolicy"), ("securityContext", "sysctls"),
        ("", "shareProcessNamespace"), ("securityContext", "runAsUser"),
        ("securityContext", "runAsGroup"), ("securityContext", "supplementalGroups"),
        ("securityContext", "supplementalGroupsPolicy"), ("securityContext", "seLinuxChangePolicy"),
    ];

    private static readonly string[] s_containerFields =
    [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
        "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
        "procMount", "runAsUser", "runAsGroup",
    ];

    /// <summary>Adds the faults of <c>spec.os</c> and of the fields that another system has.</summary>
    public static void Os(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Map("os") is not { } os)
        {
            return;
        }

        string name = os.String("name") ?? "";
        switch (name)
        {
            case "":
                errors.Required(path.Child("os").Child("name"));
                break;
            case "linux":
                Linux(spec, path, errors);
                break;
            case "windows":
                Windows(spec, path, errors);
                break;
            default:
                errors.NotSupported(path.Child("os"), name, "linux", "windows");
                break;
        }
    }

    /// <summary>Adds the faults of HostProcess containers: all of a Pod's are, or none, and they use the host's network.</summary>
    public static void HostProcess(JsonMap spec, bool allowPrivileged, FieldPath path, FieldErrors errors)
    {
        bool? pod = spec.Map("securityContext")?.Map("windowsOptions")?["hostProcess"] as bool?;
        int all = 0, host = 0;
        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            all++;
            bool? own = container.Map("securityContext")?.Map("windowsOptions")?["hostProcess"] as bool?;
            if (pod is not null && own is not null && pod != own)
            {
                errors.Invalid(
                    at.Child("securityContext").Child("windowsOptions").Child("hostProcess"), own,
                    $"pod hostProcess value must be identical if both are specified, was {(pod.Value ? "true" : "false")}");
            }

            host += (own ?? pod) == true ? 1 : 0;
        }

        if (host == 0)
        {
            return;
        }

        if (host != all)
        {
            errors.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }

        if (!spec.Flag("hostNetwork"))
        {
            errors.Invalid(path.Child("hostNetwork"), false, "hostNetwork must be true if pod contains any hostProcess containers");
        }

        if (!allowPrivileged)
        {
            errors.Forbidden(path, "hostProcess containers are disallowed by cluster policy");
        }
    }

    /// <summary>Adds the faults of Windows' options; null has none.</summary>
    public static void Options(JsonMap? options, FieldPath path, FieldErrors errors)
    {
        if (options?.String("gmsaCredentialSpecName") is { } name)
        {
            FieldRules.Subdomain(name, path.Child("gmsaCredentialSpecName"), errors);
        }

        if (options?.String("gmsaCredentialSpec") is { } credential)
        {
            if (credential.Length == 0)
            {
                errors.Invalid(path.Child("gmsaCredentialSpec"), credential, "gmsaCredentialSpec cannot be an empty string");
            }
            else if (credential.Length > 64 * 1024)
            {
                errors.Invalid(path.Child("gmsaCredentialSpec"), credential, "gmsaCredentialSpec size must be under 64 KiB");
            }
        }

        if (options?.String("runAsUserName") is { } user)
        {
            foreach (string fault in UserName(user))
            {
                errors.Invalid(path.Child("runAsUserName"), user, fault);
            }
        }
    }

    private static void Linux(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Map("securityContext")?.Map("windowsOptions") is not null)
        {
            errors.Forbidden(path.Child("securityContext").Child("windowsOptions"), NotForLinux);
        }

        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            if (container.Map("securityContext")?.Map("windowsOptions") is not null)
            {
                errors.Forbidden(at.Child("securityContext").Child("windowsOptions"), NotForLinux);
            }
        }
    }

    private static void Windows(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        foreach ((string holder, string name) in s_podFields)
        {
            object? value = holder.Length == 0 ? spec[name] : spec.Map(holder)?[name];
            bool set = value is not null && !(value is false && name is "hostPID" or "hostIPC") && value is not JsonList { Count: 0 };
            if (set)
            {
                errors.Forbidden(holder.Length == 0 ? path.Child(name) : path.Child(holder).Child(name), NotForWindows);
            }
        }

        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            foreach (string name in s_containerFields)
            {
                if (container.Map("securityContext")?[name] is not null)
                {
                    errors.Forbidden(at.Child("securityContext").Child(name), NotForWindows);
                }
            }
        }
    }

    private static IEnumerable<string> UserName(string value)
    {
        string[] parts = value.Split('\\');
        if (value.Length == 0)
        {
            yield return "runAsUserName cannot be an empty string";
            yield break;
        }

        if (value.Any(char.IsControl))
        {
            yield return "runAsUserName cannot contain control characters";
            yield break;
        }

        if (parts.Length > 2)
        {
            yield return "runAsUserName cannot contain more than one backslash";
            yield break;
        }

        string domain = parts.Length == 2 ? parts[0] : "", user = parts[^1];
        if (domain.Length >= 256)
        {
            yield return "runAsUserName's Domain length must be under 256 characters";
        }

        if (parts.Length == 2 && !NetBiosForm().IsMatch(domain) && !DomainForm().IsMatch(domain))
        {
            yield return "runAsUserName's Domain doesn't match the NetBios nor the DNS format";
        }

        if (user.Length == 0)
        {
            yield return "runAsUserName's User cannot be empty";
        }
        else if (user.Length > 104)
        {
            yield return "runAsUserName's User length must not be longer than 104 characters";
        }

        if (user.Length > 0 && user.All(c => c is '.' or ' '))
        {
            yield return "runAsUserName's User cannot contain only periods or spaces";
        }

        if (user.AsSpan().IndexOfAny("\"/\\:;|=,+*?<>@[]") >= 0)
        {
            yield return "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]";
        }
    }

    [GeneratedRegex(@"^[^\\/:\*\?""<>|\.][^\\/:\*\?""<>|]{0,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NetBiosForm();

    [GeneratedRegex(
        @"^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex DomainForm();
}
