using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Scheduling;

/// <summary>
/// How the node affinity of a gated Pod may change: only so that fewer nodes are left (Kubernetes v1.36,
/// <c>validateNodeAffinityMutation</c>).
/// </summary>
public static class NodeAffinityNarrowing
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Adds the faults of a change.</summary>
    public static void Validate(JsonMap? affinity, JsonMap? old, FieldPath path, FieldErrors errors)
    {
        // Where nothing was required anything may be.
        if (old?.Map(Required) is not { } before)
        {
            return;
        }

        FieldPath at = path.Child(Required).Child("nodeSelectorTerms");
        List<JsonMap> oldTerms = [.. before.List("nodeSelectorTerms")?.Maps() ?? []],
            terms = [.. affinity?.Map(Required)?.List("nodeSelectorTerms")?.Maps() ?? []];
        if (oldTerms.Count > 0 && terms.Count != oldTerms.Count)
        {
            errors.Invalid(at, new JsonList(terms), "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }

        for (int i = 0; i < oldTerms.Count; i++)
        {
            if (!Narrowed(terms[i], oldTerms[i], "matchExpressions")
                || !Narrowed(terms[i], oldTerms[i], "matchFields") || (IsEmpty(oldTerms[i]) && !IsEmpty(terms[i])))
            {
                errors.Invalid(at.Index(i), terms[i], "only additions are allowed (no mutations or deletions)");
            }
        }
    }

    private static bool Narrowed(JsonMap term, JsonMap old, string kind)
    {
        List<JsonMap> before = [.. old.List(kind)?.Maps() ?? []], now = [.. term.List(kind)?.Maps() ?? []];
        return now.Count >= before.Count && before.Select((expression, i) => JsonValue.DeepEquals(expression, now[i])).All(same => same);
    }

    private static bool IsEmpty(JsonMap term) =>
        term.List("matchExpressions") is not { Count: > 0 } && term.List("matchFields") is not { Count: > 0 };
}
