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
    private const int MaxAuditAnnotations = 20;
    private const int MaxAuditExpressionLength = 5 * 1024;

    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal)
    {
        "true", "false", "null", "in", "as", "break", "const", "continue",
        "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    };

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

            if (_mutating)
            {
                AdmissionRules.OnlyWrites(constraints, match, errors);
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
            Validations(obj.MapAt("metadata").String("name") ?? "", spec, path, errors);
        }
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Reset(obj, old);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status"), warnings = path.Child("typeChecking").Child("expressionWarnings");
        int i = 0;
        foreach (JsonMap warning in obj.Map("status")?.Map("typeChecking")?.List("expressionWarnings")?.Maps() ?? [])
        {
            FieldPath at = warnings.Index(i++);
            foreach (string member in (string[])["warning", "fieldRef"])
            {
                if ((warning.String(member) ?? "").Length == 0)
                {
                    errors.Required(at.Child(member));
                }
            }
        }

        ConditionValidation.Validate(obj.Map("status")?.List("conditions"), path.Child("conditions"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) => AdmissionRules.NameWarnings(obj);

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
        else
        {
            GroupVersion(version, path.Child("apiVersion"), errors);
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

    private static void GroupVersion(string text, FieldPath path, FieldErrors errors)
    {
        string[] parts = text == "/" ? ["", ""] : text.Split('/');
        if (parts.Length > 2)
        {
            errors.Invalid(path, text, $"unexpected GroupVersion string: {text}");
            return;
        }

        string group = parts.Length == 2 ? parts[0] : "", version = parts[^1];
        if (group.Length > 0 && string.Join(",", NameRules.DnsSubdomain(group)) is { Length: > 0 } groupFaults)
        {
            errors.Invalid(path, group, groupFaults);
        }

        if (version.Length == 0)
        {
            errors.Invalid(path, text, "version must be specified");
        }
        else if (string.Join(",", NameRules.Dns1035Label(version)) is { Length: > 0 } faults)
        {
            errors.Invalid(path, version, faults);
        }
    }

    private static void Variables(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        int i = 0;
        foreach (JsonMap variable in spec.List("variables")?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            string name = variable.String("name") ?? "";
            if (name.Trim().Length == 0)
            {
                errors.Required(at.Child("name"), "name is not specified");
            }
            else if (!IsIdentifier(name))
            {
                errors.Invalid(at.Child("name"), name, "must be a valid CEL identifier");
            }

            AdmissionRules.Expression(variable.String("expression"), at.Child("expression"), errors, "expression is not specified");
        }
    }

    private static bool IsIdentifier(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(c => c == '_' || char.IsAsciiLetterOrDigit(c)) && !s_reserved.Contains(name);

    private static void Validations(string policy, JsonMap spec, FieldPath path, FieldErrors errors)
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
            if (validation.String("messageExpression") is { Length: > 0 } messageExpression && messageExpression.Trim().Length == 0)
            {
                errors.Invalid(at.Child("messageExpression"), messageExpression, "must be non-empty if specified");
            }
            else
            {
                AdmissionRules.Expression(validation.String("messageExpression"), at.Child("messageExpression"), errors, null);
            }

            if (message.Length > 0 && message.Trim().Length == 0)
            {
                errors.Invalid(at.Child("message"), message, "must be non-empty if specified");
            }
            else if (message.Trim().AsSpan().ContainsAny('\n', '\r'))
            {
                errors.Invalid(at.Child("message"), message, "must not contain line breaks");
            }

            if (validation.String("reason") is { } reason)
            {
                FieldRules.OneOf(reason, at.Child("reason"), errors, "Forbidden", "Invalid", "RequestEntityTooLarge");
            }
        }

        AuditAnnotations(policy, annotations, path.Child("auditAnnotations"), errors);
    }

    private static void AuditAnnotations(string policy, JsonList annotations, FieldPath path, FieldErrors errors)
    {
        if (annotations.Count > MaxAuditAnnotations)
        {
            errors.Invalid(path, annotations, $"must not have more than {MaxAuditAnnotations} auditAnnotations");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap annotation in annotations.Maps())
        {
            FieldPath at = path.Index(i++);
            string key = annotation.String("key") ?? "", expression = (annotation.String("valueExpression") ?? "").Trim();
            FieldRules.QualifiedName($"{policy}/{key}", at.Child("key"), errors);
            if (expression.Length > MaxAuditExpressionLength)
            {
                errors.Required(at.Child("valueExpression"), $"must not exceed {MaxAuditExpressionLength} bytes in length");
            }
            else
            {
                AdmissionRules.Expression(
                    annotation.String("valueExpression"), at.Child("valueExpression"), errors, "valueExpression is not specified");
            }

            if (!keys.Add(key))
            {
                errors.Duplicate(at.Child("key"), key);
            }
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
            else
            {
                if (mutation.Map(needed) is { } patch)
                {
                    AdmissionRules.Expression(patch.String("expression"), at.Child(needed).Child("expression"), errors, "");
                }
                else
                {
                    errors.Required(at.Child(needed), $"must be specified when patchType is {type}");
                }

                if (mutation.Map(other) is not null)
                {
                    errors.Invalid(at.Child(other), $"{{{other}}}", $"must not be specified when patchType is {type}");
                }
            }
        }

        FieldRules.RequiredOneOf(spec.String("reinvocationPolicy"), path.Child("reinvocationPolicy"), errors, "IfNeeded", "Never");
    }
}
