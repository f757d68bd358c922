using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.Pods.Status;

/// <summary>Which containers of a Pod run again after they ended (Kubernetes v1.36, <c>ContainerShouldRestart</c>).</summary>
/// <param name="spec">The Pod's spec.</param>
public sealed class ContainerRestarts(JsonMap spec)
{
    /// <summary>True where the end of one container can start all of them again.</summary>
    public bool All => new[] { "initContainers", "containers" }
        .SelectMany(k => spec.List(k)?.Maps() ?? [])
        .SelectMany(c => c.List("restartPolicyRules")?.Maps() ?? [])
        .Any(r => r.String("action") == "RestartAllContainers");

    /// <summary>True where a container that ended with a code runs again; one that the Pod doesn't have never does.</summary>
    /// <param name="kind">The list of the spec that it stands in.</param>
    /// <param name="name">Its name.</param>
    /// <param name="exitCode">How it ended.</param>
    public bool May(string kind, string? name, long exitCode)
    {
        if ((spec.List(kind)?.Maps() ?? []).FirstOrDefault(c => c.String("name") == name) is not { } container)
        {
            return false;
        }

        string? own = container.String("restartPolicy");
        if (own is not null && (container.List("restartPolicyRules")?.Maps() ?? [])
            .Any(r => Matches(r, exitCode) && r.String("action") is "Restart" or "RestartAllContainers"))
        {
            return true;
        }

        return (own ?? spec.String("restartPolicy")) switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => true,
        };
    }

    private static bool Matches(JsonMap rule, long exitCode)
    {
        bool named = rule.Map("exitCodes")?.List("values")?.Any(v => v is long code && code == exitCode) == true;
        return rule.Map("exitCodes")?.String("operator") switch
        {
            "In" => named,
            "NotIn" => !named,
            _ => false,
        };
    }
}
