using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>The bindings of admission policies (Kubernetes v1.36, <c>pkg/apis/admissionregistration/validation</c>).</summary>
public sealed class AdmissionPolicyBindingStrategy : ResourceStrategy
{
    private readonly bool _mutating;

    /// <summary>Makes the strategy.</summary>
    /// <param name="mutating">True for MutatingAdmissionPolicyBindings, which have no actions.</param>
    public AdmissionPolicyBindingStrategy(bool mutating)
    {
        _mutating = mutating;
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        string policy = spec.String("policyName") ?? "";
        if (policy.Length == 0)
        {
            errors.Required(path.Child("policyName"));
        }
        else
        {
            FieldRules.Subdomain(policy, path.Child("policyName"), errors);
        }

        if (spec.Map("paramRef") is { } reference)
        {
            ParamRef(reference, path.Child("paramRef"), errors);
        }

        if (spec.Map("matchResources") is { } match)
        {
            AdmissionRules.Match(match, path.Child("matchResources"), errors);
            if (_mutating)
            {
                AdmissionRules.OnlyWrites(match, path.Child("matchResources"), errors);
            }
        }

        if (!_mutating)
        {
            Actions(spec.List("validationActions") ?? [], path.Child("validationActions"), errors);
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) => AdmissionRules.NameWarnings(obj);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        string text = "<unset>";
        if (spec.Map("paramRef") is { } reference)
        {
            string ns = reference.String("namespace") is { Length: > 0 } n ? n : "*";
            text = reference.String("name") is { Length: > 0 } name
                ? $"{ns}/{name}"
                : $"{ns}/{TableText.Selector(reference.Map("selector"))}";
        }

        return [metadata.String("name"), spec.String("policyName"), text, TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void ParamRef(JsonMap reference, FieldPath path, FieldErrors errors)
    {
        string name = reference.String("name") ?? "";
        JsonMap? selector = reference.Map("selector");
        if (name.Length > 0)
        {
            FieldRules.Follows(ApiMachinery.Names.NameRules.PathSegment(name), name, path.Child("name"), errors);
            if (selector is not null)
            {
                errors.Forbidden(path.Child("name"), "name and selector are mutually exclusive");
            }
        }

        SelectorValidation.Labels(selector, path.Child("selector"), errors);
        if (selector is not null && name.Length > 0)
        {
            errors.Forbidden(path.Child("selector"), "name and selector are mutually exclusive");
        }

        if (selector is null && name.Length == 0)
        {
            errors.Required(path, "one of name or selector must be specified");
        }

        if (reference.String("parameterNotFoundAction") is { Length: > 0 } action)
        {
            FieldRules.OneOf(action, path.Child("parameterNotFoundAction"), errors, "Deny", "Allow");
        }
        else
        {
            errors.Required(path.Child("parameterNotFoundAction"));
        }
    }

    private static void Actions(JsonList actions, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < actions.Count; i++)
        {
            string action = actions[i] as string ?? "";
            FieldRules.OneOf(action, path.Index(i), errors, "Audit", "Deny", "Warn");
            if (!seen.Add(action))
            {
                errors.Duplicate(path.Index(i), action);
            }
        }

        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Invalid(
                path, actions,
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }

        if (actions.Count == 0)
        {
            errors.Required(path, "at least one validation action is required");
        }
    }
}
