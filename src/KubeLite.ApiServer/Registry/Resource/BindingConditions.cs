using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates the names of the conditions that binding waits for (Kubernetes v1.36, <c>pkg/apis/resource/validation</c>).</summary>
internal static class BindingConditions
{
    private const int MaxConditions = 4;

    /// <summary>Adds the faults of what a device must be or must not become before a Pod is bound to a Node.</summary>
    public static void Validate(JsonMap device, FieldPath path, FieldErrors errors)
    {
        List<string> conditions = [.. device.List("bindingConditions")?.Strings() ?? []],
            failures = [.. device.List("bindingFailureConditions")?.Strings() ?? []];
        Labels(conditions, path.Child("bindingConditions"), errors);
        Labels(failures, path.Child("bindingFailureConditions"), errors);
        Unique(conditions, [], path.Child("bindingConditions"), errors);
        Unique(failures, conditions, path.Child("bindingFailureConditions"), errors);
        if (conditions.Count == 0 && failures.Count > 0)
        {
            errors.Invalid(
                path.Child("bindingConditions"), device["bindingConditions"],
                "bindingConditions are required to use bindingFailureConditions");
        }

        if (failures.Count == 0 && conditions.Count > 0)
        {
            errors.Invalid(
                path.Child("bindingFailureConditions"), device["bindingFailureConditions"],
                "bindingFailureConditions are required to use bindingConditions");
        }
    }

    private static void Labels(List<string> names, FieldPath path, FieldErrors errors)
    {
        if (names.Count > MaxConditions)
        {
            errors.TooMany(path, names.Count, MaxConditions);
            return;
        }

        for (int i = 0; i < names.Count; i++)
        {
            FieldRules.QualifiedName(names[i], path.Index(i), errors);
        }
    }

    private static void Unique(List<string> names, List<string> others, FieldPath path, FieldErrors errors)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names.IndexOf(names[i]) < i)
            {
                errors.Duplicate(path.Index(i), names[i]);
            }

            if (others.Contains(names[i]))
            {
                errors.Invalid(path.Index(i), names[i], "bindingFailureConditions must not overlap with bindingConditions");
            }
        }
    }
}
