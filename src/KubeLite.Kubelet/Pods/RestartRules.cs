using k8s.Models;
using KubeLite.Kubelet.Drivers;

namespace KubeLite.Kubelet.Pods;

/// <summary>Whether a container that has ended is started again (core/v1 restartPolicy and restartPolicyRules).</summary>
internal static class RestartRules
{
    /// <summary>The first back-off of a container that ends again and again: 10 s.</summary>
    public static readonly TimeSpan InitialBackoff = TimeSpan.FromSeconds(10);

    /// <summary>The longest back-off: 5 min.</summary>
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(5);

    /// <summary>A container that ran this long begins with the first back-off again: 10 min.</summary>
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Whether a container is to be started again after its run ended with a code.</summary>
    public static bool Restarts(V1Pod pod, ContainerRecord container, int exitCode)
    {
        if (container.Kind == ContainerKind.Ephemeral)
        {
            return false;
        }

        foreach (var rule in container.Spec?.RestartPolicyRules ?? [])
        {
            if (rule.Action == "Restart" && rule.ExitCodes is { } codes
                && codes.Values?.Contains(exitCode) == (codes.OperatorProperty == "In"))
            {
                return true;
            }
        }

        var policy = container.Kind == ContainerKind.Init
            ? container.Spec?.RestartPolicy ?? InitPolicy(pod)
            : container.Spec?.RestartPolicy ?? pod.Spec.RestartPolicy ?? "Always";
        return policy switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => container.Kind != ContainerKind.Init || exitCode != 0,
        };
    }

    /// <summary>The back-off before the next start, which doubles each time.</summary>
    public static TimeSpan NextBackoff(ContainerRecord container)
    {
        var ran = container.StartedAt is { } started && container.Ended?.FinishedAt is { } finished ? finished - started : TimeSpan.Zero;
        if (container.Backoff == TimeSpan.Zero || ran >= ResetAfter)
        {
            return InitialBackoff;
        }

        var doubled = container.Backoff + container.Backoff;
        return doubled < MaxBackoff ? doubled : MaxBackoff;
    }

    /// <summary>Init containers of a Pod that always restarts are tried until they succeed.</summary>
    private static string InitPolicy(V1Pod pod) => pod.Spec.RestartPolicy == "Never" ? "Never" : "OnFailure";
}
