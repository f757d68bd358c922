using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Validates <c>metav1.LabelSelector</c> (apimachinery's <c>apis/meta/v1/validation</c> of v1.36).</summary>
public static class LabelSelectorValidation
{
    /// <summary>Validates a selector; null is right.</summary>
    public static void Validate(JsonMap? selector, FieldPath path, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        MetadataValidation.Labels(selector.Map("matchLabels"), path.Child("matchLabels"), errors);
        FieldPath expressions = path.Child("matchExpressions");
        int i = 0;
        foreach (JsonMap expression in selector.List("matchExpressions")?.Maps() ?? [])
        {
            Expression(expression, expressions.Index(i++), errors);
        }
    }

    /// <summary>True where a selector has no requirement.</summary>
    public static bool IsEmpty(JsonMap? selector) =>
        selector?.Map("matchLabels") is not { Count: > 0 } && selector?.List("matchExpressions") is not { Count: > 0 };

    /// <summary>The selector; null where it can't be made, a selector that matches nothing where the object is null.</summary>
    /// <param name="selector">The object.</param>
    /// <param name="nothing">True where the object is null.</param>
    public static LabelSelector? Parse(JsonMap? selector, out bool nothing)
    {
        nothing = selector is null;
        var probe = new FieldErrors();
        Validate(selector, FieldPath.Of("selector"), probe);
        return probe.Count > 0 ? null : LabelSelector.FromObject(selector) ?? LabelSelector.Everything;
    }

    private static void Expression(JsonMap expression, FieldPath path, FieldErrors errors)
    {
        bool values = expression.List("values") is { Count: > 0 };
        switch (expression.String("operator"))
        {
            case "In" or "NotIn":
                if (!values)
                {
                    errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (values)
                {
                    errors.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            case var other:
                errors.Invalid(path.Child("operator"), other ?? "", "not a valid selector operator");
                break;
        }

        FieldRules.QualifiedName(expression.String("key"), path.Child("key"), errors);
        int i = 0;
        foreach (string value in expression.List("values")?.Strings() ?? [])
        {
            FieldRules.Follows(NameRules.LabelValue(value), value, path.Child("values").Index(i++), errors);
        }
    }
}
