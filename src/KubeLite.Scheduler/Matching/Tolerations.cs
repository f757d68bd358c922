using System.Globalization;
using k8s.Models;

namespace KubeLite.Scheduler.Matching;

/// <summary>Which taints a Pod puts up with (core/v1 <c>Toleration.ToleratesTaint</c>).</summary>
internal static class Tolerations
{
    /// <summary>The first taint with effect NoSchedule or NoExecute that is not tolerated; null when there is none.</summary>
    public static V1Taint? FirstUntolerated(V1Taint[] taints, V1Toleration[] tolerations)
    {
        foreach (var taint in taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !Tolerates(tolerations, taint))
            {
                return taint;
            }
        }

        return null;
    }

    /// <summary>Whether one of the tolerations accepts the taint.</summary>
    public static bool Tolerates(V1Toleration[] tolerations, V1Taint taint)
    {
        foreach (var toleration in tolerations)
        {
            if (Tolerates(toleration, taint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a toleration accepts a taint.</summary>
    public static bool Tolerates(V1Toleration toleration, V1Taint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect)
        {
            return false;
        }

        if (!string.IsNullOrEmpty(toleration.Key) && toleration.Key != taint.Key)
        {
            return false;
        }

        return toleration.OperatorProperty switch
        {
            null or "" or "Equal" => (toleration.Value ?? "") == (taint.Value ?? ""),
            "Exists" => true,
            "Gt" => Compare(taint.Value, toleration.Value) > 0,
            "Lt" => Compare(taint.Value, toleration.Value) < 0,
            _ => false,
        };
    }

    private static int Compare(string? left, string? right) =>
        long.TryParse(left, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var a)
        && long.TryParse(right, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var b)
            ? a.CompareTo(b)
            : 0;
}
