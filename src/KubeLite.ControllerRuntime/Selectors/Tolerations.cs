using k8s.Models;

namespace KubeLite.ControllerRuntime.Selectors;

/// <summary>Taints and what tolerates them (component-helpers <c>scheduling/corev1</c>).</summary>
public static class Tolerations
{
    /// <summary>Whether a toleration covers a taint: effect, key and value, where empty ones cover all.</summary>
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
            "Exists" => true,
            null or "" or "Equal" => (toleration.Value ?? "") == (taint.Value ?? ""),
            "Lt" => long.TryParse(taint.Value, out var value) && long.TryParse(toleration.Value, out var bound) && value < bound,
            "Gt" => long.TryParse(taint.Value, out var value) && long.TryParse(toleration.Value, out var bound) && value > bound,
            _ => false,
        };
    }

    /// <summary>Whether one of the tolerations covers a taint.</summary>
    public static bool Tolerates(IList<V1Toleration>? tolerations, V1Taint taint)
    {
        for (var i = 0; i < (tolerations?.Count ?? 0); i++)
        {
            if (Tolerates(tolerations![i], taint))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The first taint of one of these effects that nothing covers, or null.</summary>
    public static V1Taint? FindUntolerated(IList<V1Taint>? taints, IList<V1Toleration>? tolerations, params ReadOnlySpan<string> effects)
    {
        for (var i = 0; i < (taints?.Count ?? 0); i++)
        {
            var taint = taints![i];
            if (effects.Contains(taint.Effect) && !Tolerates(tolerations, taint))
            {
                return taint;
            }
        }
        return null;
    }
}
