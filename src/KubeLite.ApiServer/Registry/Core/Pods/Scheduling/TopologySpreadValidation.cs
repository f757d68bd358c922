using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Scheduling;

/// <summary>Validates how Pods are spread (Kubernetes v1.36, <c>validateTopologySpreadConstraints</c>).</summary>
public static class TopologySpreadValidation
{
    /// <summary>Adds the faults of the constraints.</summary>
    public static void Validate(JsonList? constraints, FieldPath path, FieldErrors errors)
    {
        List<JsonMap> all = [.. constraints?.Maps() ?? []];
        for (int i = 0; i < all.Count; i++)
        {
            JsonMap constraint = all[i];
            FieldPath at = path.Index(i);
            if (constraint.Integer("maxSkew") is not > 0)
            {
                errors.Invalid(at.Child("maxSkew"), constraint.Integer("maxSkew") ?? 0, FieldRules.NotPositive);
            }

            string key = constraint.String("topologyKey") ?? "", when = constraint.String("whenUnsatisfiable") ?? "";
            if (key.Length == 0)
            {
                errors.Required(at.Child("topologyKey"), "can not be empty");
            }

            FieldRules.OneOf(when, at.Child("whenUnsatisfiable"), errors, "DoNotSchedule", "ScheduleAnyway");
            if (all.Skip(i + 1).Any(c => (c.String("topologyKey") ?? "") == key && (c.String("whenUnsatisfiable") ?? "") == when))
            {
                errors.Duplicate(at.Child("{topologyKey, whenUnsatisfiable}"), $"{{{key}, {when}}}");
            }

            MinDomains(constraint.Integer("minDomains"), when, at.Child("minDomains"), errors);
            foreach (string policy in (string[])["nodeAffinityPolicy", "nodeTaintsPolicy"])
            {
                if (constraint.String(policy) is { } value)
                {
                    FieldRules.OneOf(value, at.Child(policy), errors, "Honor", "Ignore");
                }
            }

            AffinityValidation.MatchLabelKeys(constraint.List("matchLabelKeys"), null, constraint.Map("labelSelector"), at, errors);
            SelectorValidation.Labels(constraint.Map("labelSelector"), at.Child("labelSelector"), errors);
        }
    }

    private static void MinDomains(long? domains, string when, FieldPath path, FieldErrors errors)
    {
        if (domains is null)
        {
            return;
        }

        if (domains <= 0)
        {
            errors.Invalid(path, domains, FieldRules.NotPositive);
        }

        if (when != "DoNotSchedule")
        {
            errors.Invalid(path, domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
        }
    }
}
