using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>Validates the policies by which Jobs fail and succeed.</summary>
internal static class JobPolicyValidation
{
    private const int MaxRules = 20;
    private const int MaxExitCodes = 255;
    private const int MaxConditions = 20;
    private const int MaxIndexesLength = 64 * 1024;

    public static void Failure(JsonMap spec, JsonMap policy, FieldPath path, FieldErrors errors)
    {
        JsonList rules = policy.List("rules") ?? [];
        path = path.Child("rules");
        if (rules.Count > MaxRules)
        {
            errors.TooMany(path, rules.Count, MaxRules);
        }

        JsonMap? pod = spec.Map("template")?.Map("spec");
        var containers = new HashSet<string?>(
            (pod?.List("containers")?.Maps() ?? []).Concat(pod?.List("initContainers")?.Maps() ?? []).Select(c => c.String("name")),
            StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap rule in rules.Maps())
        {
            Rule(spec, rule, path.Index(i++), containers, errors);
        }
    }

    public static void Success(JsonMap spec, JsonMap policy, FieldPath path, FieldErrors errors)
    {
        JsonList rules = policy.List("rules") ?? [];
        path = path.Child("rules");
        if (rules.Count == 0)
        {
            errors.Required(path, "at least one rules must be specified when the successPolicy is specified");
        }

        if (rules.Count > MaxRules)
        {
            errors.TooMany(path, rules.Count, MaxRules);
        }

        long completions = spec.Integer("completions") ?? 0;
        int i = 0;
        foreach (JsonMap rule in rules.Maps())
        {
            SuccessRule(rule, completions, path.Index(i++), errors);
        }
    }

    private static void SuccessRule(JsonMap rule, long completions, FieldPath path, FieldErrors errors)
    {
        long? count = rule.Integer("succeededCount");
        string? indexes = rule.String("succeededIndexes");
        if (count is null && indexes is null)
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        long total = 0;
        if (indexes is not null)
        {
            FieldPath at = path.Child("succeededIndexes");
            if (indexes.Length > MaxIndexesLength)
            {
                errors.TooLong(at, MaxIndexesLength);
            }

            if (!JobIndexes.TryCount(indexes, completions, out total, out string? fault))
            {
                errors.Invalid(at, indexes, $"error parsing succeededIndexes: {fault}");
            }
        }

        if (count is { } succeeded)
        {
            FieldPath at = path.Child("succeededCount");
            FieldRules.NonNegative(rule, "succeededCount", path, errors);
            if (succeeded > completions)
            {
                errors.Invalid(at, succeeded, $"must be less than or equal to {completions} (the number of specified completions)");
            }

            if (indexes is not null && succeeded > total)
            {
                errors.Invalid(
                    at, succeeded,
                    $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)");
            }
        }
    }

    private static void Rule(JsonMap spec, JsonMap rule, FieldPath path, HashSet<string?> containers, FieldErrors errors)
    {
        string action = rule.String("action") ?? "";
        FieldPath at = path.Child("action");
        if (action.Length == 0)
        {
            errors.Required(at, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
        }
        else if (action == "FailIndex")
        {
            if (spec["backoffLimitPerIndex"] is null)
            {
                errors.Invalid(at, action, "requires the backoffLimitPerIndex to be set");
            }
        }
        else
        {
            FieldRules.OneOf(action, at, errors, "Count", "FailIndex", "FailJob", "Ignore");
        }

        JsonMap? codes = rule.Map("onExitCodes");
        bool conditions = rule.List("onPodConditions") is { Count: > 0 };
        if (codes is not null)
        {
            ExitCodes(codes, path.Child("onExitCodes"), containers, errors);
        }

        if (conditions)
        {
            Conditions(rule.List("onPodConditions")!, path.Child("onPodConditions"), errors);
        }

        if (codes is not null && conditions)
        {
            errors.Add(Omitted.Invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
        }

        if (codes is null && !conditions)
        {
            errors.Add(Omitted.Invalid(path, "specifying one of OnExitCodes and OnPodConditions is required"));
        }
    }

    private static void Conditions(JsonList patterns, FieldPath path, FieldErrors errors)
    {
        if (patterns.Count > MaxConditions)
        {
            errors.TooMany(path, patterns.Count, MaxConditions);
        }

        int i = 0;
        foreach (JsonMap pattern in patterns.Maps())
        {
            FieldPath at = path.Index(i++);
            FieldRules.QualifiedName(pattern.String("type"), at.Child("type"), errors);
            string status = pattern.String("status") ?? "";
            if (status.Length == 0)
            {
                errors.Required(at.Child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]");
            }
            else
            {
                FieldRules.OneOf(status, at.Child("status"), errors, "False", "True", "Unknown");
            }
        }
    }

    private static void ExitCodes(JsonMap codes, FieldPath path, HashSet<string?> containers, FieldErrors errors)
    {
        string op = codes.String("operator") ?? "";
        if (op.Length == 0)
        {
            errors.Required(path.Child("operator"), "valid values: [\"In\" \"NotIn\"]");
        }
        else
        {
            FieldRules.OneOf(op, path.Child("operator"), errors, "In", "NotIn");
        }

        if (codes.String("containerName") is { } container && !containers.Contains(container))
        {
            errors.Invalid(
                path.Child("containerName"), container, "must be one of the container or initContainer names in the pod template");
        }

        JsonList? values = codes.List("values");
        path = path.Child("values");
        if (values is not { Count: > 0 })
        {
            errors.Invalid(path, values, "at least one value is required");
            return;
        }

        if (values.Count > MaxExitCodes)
        {
            errors.TooMany(path, values.Count, MaxExitCodes);
        }

        bool ordered = true;
        var seen = new HashSet<long>();
        for (int i = 0; i < values.Count; i++)
        {
            long value = values[i] as long? ?? 0;
            if (op == "In" && value == 0)
            {
                errors.Invalid(path.Index(i), value, "must not be 0 for the In operator");
            }

            if (!seen.Add(value))
            {
                errors.Duplicate(path.Index(i), value);
            }

            ordered &= i == 0 || (values[i - 1] as long? ?? 0) <= value;
        }

        if (!ordered)
        {
            errors.Invalid(path, values, "must be ordered");
        }
    }
}
