using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Subresources;

/// <summary>
/// The selectors of an access review (KEP-4601). An operator that isn't known may be one of a newer client: it is no fault,
/// but said in the status, where the selector counts for nothing or for less than it says.
/// </summary>
public static class AccessReviewSelectors
{
    private static readonly FieldPath s_attributes = FieldPath.Of("spec", "resourceAttributes");

    /// <summary>Adds every fault of both selectors.</summary>
    public static void Validate(JsonMap attributes, FieldErrors errors)
    {
        Validate(attributes.Map("fieldSelector"), s_attributes.Child("fieldSelector"), labels: false, errors);
        Validate(attributes.Map("labelSelector"), s_attributes.Child("labelSelector"), labels: true, errors);
    }

    /// <summary>What could not be taken into account; empty where all was.</summary>
    public static string EvaluationError(JsonMap attributes)
    {
        var parts = new List<string>();
        foreach (string name in (string[])["fieldSelector", "labelSelector"])
        {
            if (attributes.Map(name) is not { } selector)
            {
                continue;
            }

            bool labels = name == "labelSelector";
            List<JsonMap> requirements = [.. selector.List("requirements")?.OfType<JsonMap>() ?? []];
            int good = requirements.Count(r => IsUnderstood(r, labels));
            bool failed = requirements.Count > 0 ? good < requirements.Count : !Parses(selector.String("rawSelector") ?? "", labels);
            if (failed)
            {
                parts.Add($"spec.resourceAttributes.{name} {(good > 0 ? "partially " : "")}ignored due to parse error");
            }
        }

        return string.Join("; ", parts);
    }

    private static void Validate(JsonMap? selector, FieldPath path, bool labels, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        string raw = selector.String("rawSelector") ?? "";
        List<JsonMap> requirements = [.. selector.List("requirements")?.OfType<JsonMap>() ?? []];
        if (raw.Length > 0 && requirements.Count > 0)
        {
            errors.Invalid(path.Child("rawSelector"), raw, "may not specified at the same time as requirements");
        }

        if (raw.Length == 0 && requirements.Count == 0)
        {
            errors.Required(path.Child("requirements"), $"when {path} is specified, requirements or rawSelector is required");
        }

        for (int i = 0; i < requirements.Count; i++)
        {
            Requirement(requirements[i], path.Child("requirements").Index(i), labels, errors);
        }
    }

    private static void Requirement(JsonMap requirement, FieldPath path, bool labels, FieldErrors errors)
    {
        string key = requirement.String("key") ?? "";
        if (!labels && key.Length == 0)
        {
            errors.Required(path.Child("key"), "must be specified");
        }

        List<string> values = [.. requirement.List("values")?.Strings() ?? []];
        switch (requirement.String("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                errors.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
        }

        if (!labels)
        {
            return;
        }

        FieldRules.QualifiedName(key, path.Child("key"), errors);
        for (int i = 0; i < values.Count; i++)
        {
            FieldRules.Follows(NameRules.LabelValue(values[i]), values[i], path.Child("values").Index(i), errors);
        }
    }

    private static bool IsUnderstood(JsonMap requirement, bool labels)
    {
        int values = requirement.List("values")?.Count ?? 0;
        return requirement.String("operator") switch
        {
            "In" or "NotIn" => labels || values == 1,
            "Exists" or "DoesNotExist" => labels,
            _ => false,
        };
    }

    private static bool Parses(string raw, bool labels)
    {
        try
        {
            _ = labels ? (object)LabelSelector.Parse(raw) : FieldSelector.Parse(raw);
            return true;
        }
        catch (SelectorException)
        {
            return false;
        }
    }
}
