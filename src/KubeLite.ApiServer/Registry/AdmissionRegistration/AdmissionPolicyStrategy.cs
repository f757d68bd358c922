using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>
/// ValidatingAdmissionPolicies and MutatingAdmissionPolicies (Kubernetes v1.36, <c>pkg/apis/admissionregistration/validation</c>),
/// but for the types and the meaning of their expressions.
/// </summary>
public sealed class AdmissionPolicyStrategy : ResourceStrategy
{
    private readonly bool _mutating;

    /// <summary>Makes the strategy.</summary>
    /// <param name="mutating">True for MutatingAdmissionPolicies.</param>
    public AdmissionPolicyStrategy(bool mutating)
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
        if (spec.String("failurePolicy") is { } failure)
        {
            FieldRules.OneOf(failure, path.Child("failurePolicy"), errors, "Fail", "Ignore");
        }

        if (spec.Map("paramKind") is { } kind)
        {
            ParamKind(kind, path.Child("paramKind"), errors);
        }

        FieldPath match = path.Child("matchConstraints");
        if (spec.Map("matchConstraints") is { } constraints)
        {
            AdmissionRules.Match(constraints, match, errors);
            if (constraints.List("resourceRules") is not { Count: > 0 })
            {
                errors.Required(match.Child("resourceRules"));
            }
        }
        else
        {
            errors.Required(match);
        }

        AdmissionRules.Conditions(spec.List("matchConditions"), path.Child("matchConditions"), errors);
        Variables(spec, path.Child("variables"), errors);
        if (_mutating)
        {
            Mutations(spec, path, errors);
        }
        else
        {
            Validations(spec, path, errors);
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? kind = spec.Map("paramKind");
        return
        [
            metadata.String("name"),
            (long)(spec.List(_mutating ? "mutations" : "validations")?.Count ?? 0),
            kind is null ? "<unset>" : $"{kind.String("apiVersion")}/{kind.String("kind")}",
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static void ParamKind(JsonMap kind, FieldPath path, FieldErrors errors)
    {
        string version = kind.String("apiVersion") ?? "", name = kind.String("kind") ?? "";
        if (version.Length == 0)
        {
            errors.Required(path.Child("apiVersion"));
        }
        else if (version.Count(c => c == '/') > 1)
        {
            errors.Invalid(path.Child("apiVersion"), version, $"unexpected GroupVersion string: {version}");
        }

        if (name.Length == 0)
        {
            errors.Required(path.Child("kind"));
        }
        else if (string.Join(",", NameRules.Dns1035Label(name.ToLowerInvariant())) is { Length: > 0 } faults)
        {
            errors.Invalid(path.Child("kind"), name, $"may have mixed case, but should otherwise match: {faults}");
        }
    }

    private static void Variables(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        int i = 0;
        foreach (JsonMap variable in spec.List("variables")?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            if ((variable.String("name") ?? "").Length == 0)
            {
                errors.Required(at.Child("name"), "name is not specified");
            }

            AdmissionRules.Expression(variable.String("expression"), at.Child("expression"), errors, "expression is not specified");
        }
    }

    private static void Validations(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        JsonList validations = spec.List("validations") ?? [], annotations = spec.List("auditAnnotations") ?? [];
        if (validations.Count == 0 && annotations.Count == 0)
        {
            errors.Required(path.Child("validations"), "validations or auditAnnotations must contain at least one item");
            errors.Required(path.Child("auditAnnotations"), "validations or auditAnnotations must contain at least one item");
            return;
        }

        int i = 0;
        foreach (JsonMap validation in validations.Maps())
        {
            FieldPath at = path.Child("validations").Index(i++);
            string expression = (validation.String("expression") ?? "").Trim(), message = validation.String("message") ?? "";
            AdmissionRules.Expression(validation.String("expression"), at.Child("expression"), errors, "expression is not specified");
            if (validation.String("messageExpression") is { Length: > 0 } text)
            {
                AdmissionRules.Expression(text, at.Child("messageExpression"), errors, "must be non-empty if specified");
            }

            if (message.Length > 0 && message.Trim().Length == 0)
            {
                errors.Invalid(at.Child("message"), message, "message must be non-empty if specified");
            }
            else if (message.Trim().Contains('\n'))
            {
                errors.Invalid(at.Child("message"), message, "message must not contain line breaks");
            }
            else if (expression.Contains('\n') && message.Trim().Length == 0)
            {
                errors.Required(at.Child("message"), "message must be specified if expression contains line breaks");
            }

            if (validation.String("reason") is { } reason)
            {
                FieldRules.OneOf(reason, at.Child("reason"), errors, "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
            }
        }

        i = 0;
        foreach (JsonMap annotation in annotations.Maps())
        {
            FieldPath at = path.Child("auditAnnotations").Index(i++);
            if ((annotation.String("key") ?? "").Trim().Length == 0)
            {
                errors.Required(at.Child("key"));
            }

            AdmissionRules.Expression(annotation.String("valueExpression"), at.Child("valueExpression"), errors, "");
        }
    }

    private static void Mutations(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        JsonList mutations = spec.List("mutations") ?? [];
        if (mutations.Count == 0)
        {
            errors.Required(path.Child("mutations"), "mutations must contain at least one item");
        }

        int i = 0;
        foreach (JsonMap mutation in mutations.Maps())
        {
            FieldPath at = path.Child("mutations").Index(i++);
            string type = mutation.String("patchType") ?? "";
            (string needed, string other) = type == "JSONPatch" ? ("jsonPatch", "applyConfiguration") : ("applyConfiguration", "jsonPatch");
            if (type.Length == 0)
            {
                errors.Required(at.Child("patchType"));
            }
            else if (type is not ("ApplyConfiguration" or "JSONPatch"))
            {
                errors.NotSupported(at.Child("patchType"), type, "ApplyConfiguration", "JSONPatch");
            }
            else if (mutation.Map(needed) is not { } patch)
            {
                errors.Required(at.Child(needed), $"must be specified when patchType is {type}");
            }
            else
            {
                AdmissionRules.Expression(patch.String("expression"), at.Child(needed).Child("expression"), errors, "expression is not specified");
                if (mutation.Map(other) is not null)
                {
                    errors.Forbidden(at.Child(other), $"must not be specified when patchType is {type}");
                }
            }
        }

        FieldRules.RequiredOneOf(spec.String("reinvocationPolicy"), path.Child("reinvocationPolicy"), errors, "IfNeeded", "Never");
    }
}
