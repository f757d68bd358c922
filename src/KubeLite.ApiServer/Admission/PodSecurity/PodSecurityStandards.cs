using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>The Pod Security Standards: which controls a level has, in the order in which violations are named.</summary>
public static class PodSecurityStandards
{
    private static readonly (Func<PodUnderCheck, PodSecurityViolation?> Check, bool Overridden)[] s_baseline =
    [
        (BaselineChecks.AppArmor, false),
        (BaselineChecks.Capabilities, true),
        (BaselineChecks.HostNamespaces, false),
        (BaselineChecks.HostPaths, true),
        (BaselineChecks.HostPorts, false),
        (BaselineChecks.Hosts, false),
        (BaselineChecks.Privileged, false),
        (BaselineChecks.ProcMount, false),
        (BaselineChecks.SeLinux, false),
        (BaselineChecks.Seccomp, true),
        (BaselineChecks.Sysctls, false),
        (BaselineChecks.WindowsHostProcess, false),
    ];

    private static readonly Func<PodUnderCheck, PodSecurityViolation?>[] s_restricted =
    [
        RestrictedChecks.PrivilegeEscalation,
        RestrictedChecks.Capabilities,
        RestrictedChecks.Volumes,
        RestrictedChecks.NonRoot,
        RestrictedChecks.User,
        RestrictedChecks.Seccomp,
    ];

    /// <summary>What a Pod violates of a policy; nothing where it is allowed.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="spec">The Pod's spec, or a template's.</param>
    /// <param name="annotations">Its annotations; null for none.</param>
    public static List<PodSecurityViolation> Violations(SecurityPolicy policy, JsonMap spec, JsonMap? annotations)
    {
        if (policy.IsPrivileged)
        {
            return [];
        }

        var pod = new PodUnderCheck(spec, annotations, policy.Minor);
        bool restricted = policy.Level == "restricted";
        IEnumerable<Func<PodUnderCheck, PodSecurityViolation?>> checks =
            s_baseline.Where(b => !restricted || !b.Overridden).Select(b => b.Check);
        return [.. (restricted ? checks.Concat(s_restricted) : checks).Select(check => check(pod)).OfType<PodSecurityViolation>()];
    }
}
