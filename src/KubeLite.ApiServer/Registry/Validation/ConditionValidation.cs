using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Validates lists of <c>metav1.Condition</c> (apimachinery's <c>ValidateConditions</c> of v1.36).</summary>
public static partial class ConditionValidation
{
    private const string ReasonForm = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
    private const int MaxReason = 1024;
    private const int MaxMessage = 32 * 1024;

    /// <summary>Adds every fault of a list.</summary>
    public static void Validate(JsonList? conditions, FieldPath path, FieldErrors errors)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap condition in conditions?.Maps() ?? [])
        {
            FieldPath at = path.Index(i);
            string type = condition.String("type") ?? "";
            if (!first.TryAdd(type, i))
            {
                errors.Duplicate(at.Child("type"), type);
            }

            Condition(condition, type, at, errors);
            i++;
        }
    }

    private static void Condition(JsonMap condition, string type, FieldPath path, FieldErrors errors)
    {
        FieldRules.QualifiedName(type, path.Child("type"), errors);
        FieldRules.OneOf(condition.String("status"), path.Child("status"), errors, "False", "True", "Unknown");
        FieldRules.NonNegative(condition, "observedGeneration", path, errors);
        if (condition["lastTransitionTime"] is null)
        {
            errors.Required(path.Child("lastTransitionTime"));
        }

        string reason = condition.String("reason") ?? "";
        if (reason.Length == 0)
        {
            errors.Required(path.Child("reason"));
        }
        else
        {
            if (!Reason().IsMatch(reason))
            {
                errors.Invalid(path.Child("reason"), reason, NameRules.Form(
                    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
                    ReasonForm, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"));
            }

            if (reason.Length > MaxReason)
            {
                errors.TooLong(path.Child("reason"), MaxReason);
            }
        }

        if ((condition.String("message") ?? "").Length > MaxMessage)
        {
            errors.TooLong(path.Child("message"), MaxMessage);
        }
    }

    [GeneratedRegex("^" + ReasonForm + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reason();
}
