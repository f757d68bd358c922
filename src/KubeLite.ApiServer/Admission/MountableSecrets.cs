using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// What an account with the annotation kubernetes.io/enforce-mountable-secrets lets its Pods use: the secrets that it names itself.
/// </summary>
internal static class MountableSecrets
{
    private const string Annotation = "kubernetes.io/enforce-mountable-secrets";

    /// <summary>The first secret of a Pod that its account doesn't name; null where the account doesn't mind.</summary>
    public static string? Fault(JsonMap account, JsonMap spec) => !IsEnforced(account) ? null
        : VolumeFault(account, spec)
            ?? ContainerFault(account, spec, "initContainers", "init container")
            ?? ContainerFault(account, spec, "containers", "container")
            ?? PullFault(account, spec);

    /// <summary>The same of the containers that were added for debugging.</summary>
    public static string? EphemeralFault(JsonMap account, JsonMap spec) =>
        IsEnforced(account) ? ContainerFault(account, spec, "ephemeralContainers", "ephemeral container") : null;

    // What Go's ParseBool takes for true.
    private static bool IsEnforced(JsonMap account) =>
        account.Map("metadata")?.Map("annotations")?.String(Annotation) is "1" or "t" or "T" or "TRUE" or "true" or "True";

    private static HashSet<string> Names(JsonMap account, string member) =>
        [.. (account.List(member)?.Maps() ?? []).Select(s => s.String("name") ?? "")];

    private static string NotNamed(JsonMap account, string what) =>
        $"is not allowed because service account {account.Map("metadata")?.String("name")} does not reference that {what}";

    private static string? VolumeFault(JsonMap account, JsonMap spec)
    {
        HashSet<string> allowed = Names(account, "secrets");
        foreach (JsonMap volume in spec.List("volumes")?.Maps() ?? [])
        {
            if (volume.Map("secret") is { } source && source.String("secretName") is var name && !allowed.Contains(name ?? ""))
            {
                return $"volume with secret.secretName=\"{name}\" {NotNamed(account, "secret")}";
            }
        }

        return null;
    }

    private static string? ContainerFault(JsonMap account, JsonMap spec, string member, string kind)
    {
        HashSet<string> allowed = Names(account, "secrets");
        foreach (JsonMap container in spec.List(member)?.Maps() ?? [])
        {
            foreach ((string? variable, string secret) in ContainerSecrets.Of(container))
            {
                if (!allowed.Contains(secret))
                {
                    string by = variable is null ? "envFrom" : $"envVar {variable}";
                    return $"{kind} {container.String("name")} with {by} referencing secret.secretName=\"{secret}\" "
                        + NotNamed(account, "secret");
                }
            }
        }

        return null;
    }

    private static string? PullFault(JsonMap account, JsonMap spec)
    {
        HashSet<string> allowed = Names(account, "imagePullSecrets");
        int index = 0;
        foreach (JsonMap secret in spec.List("imagePullSecrets")?.Maps() ?? [])
        {
            if (secret.String("name") is var name && !allowed.Contains(name ?? ""))
            {
                return $"imagePullSecrets[{index}].name=\"{name}\" {NotNamed(account, "imagePullSecret")}";
            }

            index++;
        }

        return null;
    }
}
