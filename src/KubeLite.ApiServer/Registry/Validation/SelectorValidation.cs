using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Validates label selectors and node selectors.</summary>
public static class SelectorValidation
{
    /// <summary>Adds the faults of a <c>metav1.LabelSelector</c>; null has none.</summary>
    public static void Labels(JsonMap? selector, FieldPath path, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        foreach (var (key, value) in selector.Map("matchLabels") ?? [])
        {
            Faults(path.Child("matchLabels"), key, NameRules.QualifiedName(key), errors);
            Faults(path.Child("matchLabels"), value, NameRules.LabelValue(value as string ?? ""), errors);
        }

        Expressions(selector, path, comparisons: false, anyValue: false, errors);
    }

    /// <summary>Adds the faults of a required NodeSelector.</summary>
    public static void Nodes(JsonMap selector, FieldPath path, FieldErrors errors)
    {
        FieldPath terms = path.Child("nodeSelectorTerms");
        if (selector.List("nodeSelectorTerms") is not { Count: > 0 } list)
        {
            errors.Required(terms, "must have at least one node selector term");
            return;
        }

        int index = 0;
        foreach (JsonMap term in list.Maps())
        {
            NodeTerm(term, terms.Index(index++), errors);
        }
    }

    /// <summary>Adds the faults of one term of a NodeSelector.</summary>
    /// <param name="term">The term.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the faults.</param>
    /// <param name="anyValue">True where values need not have the form of a label's.</param>
    public static void NodeTerm(JsonMap term, FieldPath path, FieldErrors errors, bool anyValue = false)
    {
        Expressions(term, path, comparisons: true, anyValue, errors);
        int index = 0;
        foreach (JsonMap field in term.List("matchFields")?.Maps() ?? [])
        {
            FieldPath at = path.Child("matchFields").Index(index++);
            string op = field.String("operator") ?? "";
            if (op is not ("In" or "NotIn"))
            {
                errors.Invalid(at.Child("operator"), op, "not a valid selector operator");
            }
            else if (field.List("values") is not { Count: 1 })
            {
                errors.Required(at.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }

            string key = field.String("key") ?? "";
            if (key != "metadata.name")
            {
                errors.Invalid(at.Child("key"), key, "not a valid field selector key");
                continue;
            }

            int item = 0;
            foreach (string value in field.List("values")?.Strings() ?? [])
            {
                Faults(at.Child("values").Index(item++), value, NameRules.DnsSubdomain(value), errors);
            }
        }
    }

    /// <summary>Adds the faults of <c>matchExpressions</c>.</summary>
    /// <param name="holder">What has them.</param>
    /// <param name="path">Its path.</param>
    /// <param name="comparisons">Whether Gt and Lt are operators here.</param>
    /// <param name="anyValue">True where values need not have the form of a label's.</param>
    /// <param name="errors">Gets the faults.</param>
    private static void Expressions(JsonMap holder, FieldPath path, bool comparisons, bool anyValue, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap expression in holder.List("matchExpressions")?.Maps() ?? [])
        {
            FieldPath at = path.Child("matchExpressions").Index(index++);
            JsonList? values = expression.List("values");
            string op = expression.String("operator") ?? "";
            switch (op)
            {
                case "In" or "NotIn":
                    if (values is not { Count: > 0 })
                    {
                        errors.Required(at.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                    }

                    break;
                case "Exists" or "DoesNotExist":
                    if (values is { Count: > 0 })
                    {
                        errors.Forbidden(at.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }

                    break;
                case "Gt" or "Lt" when comparisons:
                    if (values is not { Count: 1 })
                    {
                        errors.Required(at.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
                    }

                    break;
                default:
                    errors.Invalid(at.Child("operator"), op, "not a valid selector operator");
                    break;
            }

            string key = expression.String("key") ?? "";
            Faults(at.Child("key"), key, NameRules.QualifiedName(key), errors);
            int item = 0;
            foreach (string value in anyValue ? [] : values?.Strings() ?? [])
            {
                Faults(at.Child("values").Index(item++), value, NameRules.LabelValue(value), errors);
            }
        }
    }

    private static void Faults(FieldPath path, object? value, IEnumerable<string> faults, FieldErrors errors)
    {
        foreach (string fault in faults)
        {
            errors.Invalid(path, value, fault);
        }
    }
}
