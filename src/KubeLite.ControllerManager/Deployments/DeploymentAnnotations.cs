using System.Collections.Frozen;
using System.Globalization;
using k8s.Models;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The annotations by which a Deployment and its ReplicaSets remember revisions and sizes.</summary>
internal static class DeploymentAnnotations
{
    internal const string Revision = "deployment.kubernetes.io/revision";
    internal const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    internal const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    internal const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const int HistoryLength = 2000;

    private static readonly FrozenSet<string> s_own = new[]
    {
        "kubectl.kubernetes.io/last-applied-configuration", Revision, RevisionHistory, DesiredReplicas, MaxReplicas,
        "deprecated.deployment.rollback.to",
    }.ToFrozenSet(StringComparer.Ordinal);

    internal static long RevisionOf(IDictionary<string, string>? annotations) =>
        annotations is not null && annotations.TryGetValue(Revision, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision : 0;

    internal static int? Number(IDictionary<string, string>? annotations, string name) =>
        annotations is not null && annotations.TryGetValue(name, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    /// <summary>The annotations a ReplicaSet should have: the Deployment's, its revision and revision history.</summary>
    internal static Dictionary<string, string> ForNewSet(V1Deployment deployment, IDictionary<string, string>? current, long revision)
    {
        var result = current is null ? new Dictionary<string, string>() : new Dictionary<string, string>(current);
        foreach (var (name, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (!s_own.Contains(name))
            {
                result[name] = value;
            }
        }
        var old = RevisionOf(result);
        if (old >= revision)
        {
            return result;
        }
        result[Revision] = revision.ToString(CultureInfo.InvariantCulture);
        if (old > 0)
        {
            var history = result.TryGetValue(RevisionHistory, out var text) && text.Length > 0
                ? text + "," + old
                : old.ToString(CultureInfo.InvariantCulture);
            while (history.Length > HistoryLength && history.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma)
            {
                history = history[(comma + 1)..];
            }
            result[RevisionHistory] = history;
        }
        return result;
    }

    /// <summary>Sets the sizes that tell a scaling from a roll-out; answers whether that changed anything.</summary>
    internal static bool SetReplicas(IDictionary<string, string> annotations, int desired, int max)
    {
        var changed = Number(annotations, DesiredReplicas) != desired || Number(annotations, MaxReplicas) != max;
        annotations[DesiredReplicas] = desired.ToString(CultureInfo.InvariantCulture);
        annotations[MaxReplicas] = max.ToString(CultureInfo.InvariantCulture);
        return changed;
    }
}
