using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Scheduling;

/// <summary>Validates affinity and anti-affinity (Kubernetes v1.36, <c>validateAffinity</c>).</summary>
public sealed class AffinityValidation(FieldErrors errors)
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Adds the faults; null has none.</summary>
    public void Validate(JsonMap? affinity, FieldPath path)
    {
        if (affinity?.Map("nodeAffinity") is { } node)
        {
            Node(node, path.Child("nodeAffinity"));
        }

        foreach (string kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            if (affinity?.Map(kind) is { } pods)
            {
                Pods(pods, path.Child(kind));
            }
        }
    }

    /// <summary>Adds the faults of keys whose values a selector takes from the Pod's own labels.</summary>
    /// <param name="match">The keys that must have the Pod's own value.</param>
    /// <param name="mismatch">The keys that must have another.</param>
    /// <param name="selector">The selector beside them.</param>
    /// <param name="path">What they stand in.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void MatchLabelKeys(JsonList? match, JsonList? mismatch, JsonMap? selector, FieldPath path, FieldErrors errors)
    {
        LabelKeys(match, selector, path.Child("matchLabelKeys"), errors);
        LabelKeys(mismatch, selector, path.Child("mismatchLabelKeys"), errors);
        List<string> keys = [.. match?.Strings() ?? []];
        Repeated(keys, selector, path, errors);
        for (int i = 0; i < keys.Count; i++)
        {
            if (mismatch?.Contains(keys[i]) == true)
            {
                errors.Invalid(path.Child("matchLabelKeys").Index(i), keys[i], "exists in both matchLabelKeys and mismatchLabelKeys");
            }
        }
    }

    private static void LabelKeys(JsonList? keys, JsonMap? selector, FieldPath path, FieldErrors errors)
    {
        if (keys is not { Count: > 0 })
        {
            return;
        }

        if (selector is null)
        {
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
            return;
        }

        int index = 0;
        foreach (string key in keys.Strings())
        {
            FieldRules.QualifiedName(key, path.Index(index++), errors);
        }
    }

    /// <summary>The requirement of a key was added by then: a second one is the caller's.</summary>
    private static void Repeated(List<string> keys, JsonMap? selector, FieldPath path, FieldErrors errors)
    {
        HashSet<string> seen = [.. (selector?.Map("matchLabels") ?? []).Select(m => m.Key)];
        foreach (JsonMap expression in selector?.List("matchExpressions")?.Maps() ?? [])
        {
            string key = expression.String("key") ?? "";
            if (keys.LastIndexOf(key) is >= 0 and var index && seen.Contains(key))
            {
                errors.Invalid(path.Index(index), key, "exists in both matchLabelKeys and labelSelector");
            }

            seen.Add(key);
        }
    }

    private void Node(JsonMap affinity, FieldPath path)
    {
        if (affinity.Map(Required) is { } required)
        {
            SelectorValidation.Nodes(required, path.Child(Required), errors);
        }

        int index = 0;
        foreach (JsonMap term in affinity.List(Preferred)?.Maps() ?? [])
        {
            FieldPath at = path.Child(Preferred).Index(index++);
            Weight(term, at);
            // What is only preferred may name values that no label has.
            SelectorValidation.NodeTerm(term.Map("preference") ?? new JsonMap(), at.Child("preference"), errors, anyValue: true);
        }
    }

    private void Pods(JsonMap affinity, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap term in affinity.List(Required)?.Maps() ?? [])
        {
            Term(term, path.Child(Required).Index(index++));
        }

        index = 0;
        foreach (JsonMap weighted in affinity.List(Preferred)?.Maps() ?? [])
        {
            FieldPath at = path.Child(Preferred).Index(index++);
            Weight(weighted, at);
            Term(weighted.Map("podAffinityTerm") ?? new JsonMap(), at.Child("podAffinityTerm"));
        }
    }

    private void Weight(JsonMap term, FieldPath path)
    {
        long weight = term.Integer("weight") ?? 0;
        if (weight is < 1 or > 100)
        {
            errors.Invalid(path.Child("weight"), weight, "must be in the range 1-100");
        }
    }

    private void Term(JsonMap term, FieldPath path)
    {
        JsonMap? selector = term.Map("labelSelector");
        SelectorValidation.Labels(selector, path.Child("labelSelector"), errors);
        SelectorValidation.Labels(term.Map("namespaceSelector"), path.Child("namespaceSelector"), errors);
        foreach (string ns in term.List("namespaces")?.Strings() ?? [])
        {
            FieldRules.Label(ns, path.Child("namespace"), errors);
        }

        MatchLabelKeys(term.List("matchLabelKeys"), term.List("mismatchLabelKeys"), selector, path, errors);
        string topology = term.String("topologyKey") ?? "";
        if (topology.Length == 0)
        {
            errors.Required(path.Child("topologyKey"), "can not be empty");
        }

        FieldRules.QualifiedName(topology, path.Child("topologyKey"), errors);
    }
}
