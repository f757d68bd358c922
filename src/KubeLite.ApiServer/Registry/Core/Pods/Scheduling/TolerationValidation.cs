using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Scheduling;

/// <summary>Validates tolerations, of Pods and of RuntimeClasses (Kubernetes v1.36, <c>ValidateTolerations</c>).</summary>
public static class TolerationValidation
{
    /// <summary>Adds the faults of tolerations.</summary>
    public static void Validate(JsonList? tolerations, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap toleration in tolerations?.Maps() ?? [])
        {
            One(toleration, path.Index(index++), errors);
        }
    }

    /// <summary>Adds the fault of a taint's effect.</summary>
    public static void Effect(string effect, FieldPath path, FieldErrors errors) =>
        FieldRules.RequiredOneOf(effect, path, errors, "NoSchedule", "PreferNoSchedule", "NoExecute");

    private static void One(JsonMap toleration, FieldPath path, FieldErrors errors)
    {
        string key = toleration.String("key") ?? "", op = toleration.String("operator") ?? "", value = toleration.String("value") ?? "";
        string effect = toleration.String("effect") ?? "";
        if (key.Length > 0)
        {
            FieldRules.QualifiedName(key, path.Child("key"), errors);
        }

        if (key.Length == 0 && op != "Exists")
        {
            errors.Invalid(
                path.Child("operator"), op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration.Integer("tolerationSeconds") is not null && effect != "NoExecute")
        {
            errors.Invalid(path.Child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (op)
        {
            case "Equal" or "":
                string fault = string.Join(";", NameRules.LabelValue(value));
                if (fault.Length > 0)
                {
                    errors.Invalid(path.Child("operator"), value, fault);
                }

                break;
            case "Exists":
                if (value.Length > 0)
                {
                    errors.Invalid(path.Child("operator"), value, "value must be empty when `operator` is 'Exists'");
                }

                break;
            case "Lt" or "Gt":
                // They are known, but their feature is off in v1.36.
                errors.NotSupported(path.Child("operator"), op, "Equal", "Exists", "Lt", "Gt");
                break;
            default:
                errors.NotSupported(path.Child("operator"), op, "Equal", "Exists");
                break;
        }

        if (effect.Length > 0)
        {
            Effect(effect, path.Child("effect"), errors);
        }
    }
}
