using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Expressions;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>Validates the schema of a definition's version: what it may say, whether it is structural, its defaults.</summary>
public static class OpenApiSchemaValidation
{
    private static readonly string[] s_types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly HashSet<string> s_allowedAtRoot = new(StringComparer.Ordinal)
    {
        "description", "type", "format", "title", "maximum", "exclusiveMaximum",
        "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
        "maxItems", "minItems", "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    };

    private const string AllowedText =
        "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]";

    /// <summary>Adds every fault of a version's validation.</summary>
    /// <param name="validation">The holder of the openAPIV3Schema.</param>
    /// <param name="status">True where the version has the status subresource.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(JsonMap validation, bool status, FieldPath path, FieldErrors errors)
    {
        if (validation.Map("openAPIV3Schema") is not { } schema)
        {
            return;
        }

        FieldPath root = path.Child("openAPIV3Schema");
        if (status)
        {
            AtRoot(schema, path, errors);
        }

        if (schema.Flag("nullable"))
        {
            errors.Forbidden(path.Child("openAPIV3Schema.nullable"), "nullable cannot be true at the root");
        }

        var structural = new FieldErrors();
        StructuralValidation.Validate(schema, root, structural);
        if (structural.Count == 0)
        {
            DefaultValidation.Validate(schema, root, structural);
        }

        errors.AddRange(structural);
        // What is wrong with expressions comes last, and only of schemas that have no other fault.
        var expressions = new FieldErrors();
        Schema(schema, root, new Place(true, false, null, structural.Count == 0, null), errors, expressions);
        errors.AddRange(expressions);
    }

    private static void AtRoot(JsonMap schema, FieldPath path, FieldErrors errors)
    {
        foreach (var (name, value) in schema)
        {
            if (value is null or false or "" or JsonList { Count: 0 } or JsonMap { Count: 0 })
            {
                continue;
            }

            if (name == "type")
            {
                if (value is not "object")
                {
                    errors.Invalid(
                        path.Child("openAPIV3Schema.type"), value,
                        "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
                    return;
                }
            }
            else if (!s_allowedAtRoot.Contains(name))
            {
                errors.Invalid(
                    path.Child("openAPIV3Schema"), schema,
                    $"only {AllowedText} fields are allowed at the root of the schema if the status subresource is enabled");
                return;
            }
        }
    }

    private static void Schema(JsonMap schema, FieldPath path, Place place, FieldErrors errors, FieldErrors expressions)
    {
        int before = errors.Count;
        Keywords(schema, path, place, errors);
        if (schema.Flag("uniqueItems"))
        {
            errors.Forbidden(path.Child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        Place inner = place with { Root = false };
        if (schema.TryGetValue("additionalProperties", out object? more) && more is not null)
        {
            if (schema.Map("properties") is { Count: > 0 } && more is not true)
            {
                errors.Forbidden(path.Child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
            }

            if (more is JsonMap element)
            {
                Schema(
                    element, path.Child("additionalProperties"),
                    place.InMeta ? inner with { NoDefaults = "inside additionalProperties applying to object metadata" } : inner, errors,
                    expressions);
            }
        }

        foreach (var (name, property) in schema.Map("properties") ?? [])
        {
            Place at = schema.String("x-kubernetes-map-type") == "atomic" ? inner with { NoOldSelf = inner.NoOldSelf ?? path } : inner;
            if ((place.Root || schema.Flag("x-kubernetes-embedded-resource")) && name is "metadata" or "kind" or "apiVersion")
            {
                at = at with { InMeta = true, NoDefaults = place.Root ? $"in top-level {name}" : at.NoDefaults };
            }

            if (property is JsonMap map)
            {
                Schema(map, path.Child("properties").Key(name), at, errors, expressions);
            }
        }

        Place combined = inner with { Compiles = false };
        if (schema.Map("not") is { } not)
        {
            Schema(not, path.Child("not"), combined, errors, expressions);
        }

        foreach (string list in (string[])["allOf", "oneOf", "anyOf"])
        {
            int index = 0;
            foreach (JsonMap option in schema.List(list)?.Maps() ?? [])
            {
                Schema(option, path.Child(list).Index(index++), combined, errors, expressions);
            }
        }

        if (schema.Map("items") is { } items)
        {
            Place each = schema.String("x-kubernetes-list-type") == "map" ? inner : inner with { NoOldSelf = inner.NoOldSelf ?? path };
            Schema(items, path.Child("items"), each, errors, expressions);
        }

        ListTypeRules.Validate(schema, path, errors);
        Rules(schema, path, errors);
        if (place.Compiles && errors.Count == before)
        {
            Expressions(schema, path.Child("x-kubernetes-validations"), place.NoOldSelf, expressions);
        }
    }

    private static void Keywords(JsonMap schema, FieldPath path, Place place, FieldErrors errors)
    {
        string type = schema.String("type") ?? "";
        if (type.Length > 0 && !s_types.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, s_types);
        }

        if (schema["default"] is not null && place.NoDefaults is not null)
        {
            errors.Forbidden(path.Child("default"), "must not be set " + place.NoDefaults);
        }

        foreach (string keyword in (string[])["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"])
        {
            if (schema[keyword] is not (null or "" or JsonMap { Count: 0 }))
            {
                errors.Forbidden(path.Child(keyword), keyword + " is not supported");
            }
        }

        if (type == "null")
        {
            errors.Forbidden(path.Child("type"), "type cannot be set to null, use nullable as an alternative");
        }

        if (schema["items"] is JsonList { Count: > 0 })
        {
            errors.Forbidden(path.Child("items"), "items must be a schema object and not an array");
        }

        if (place.InMeta && schema.Flag("x-kubernetes-embedded-resource"))
        {
            errors.Forbidden(path.Child("x-kubernetes-embedded-resource"), "must not be used inside of resource meta");
        }
    }

    private static void Rules(JsonMap schema, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap rule in schema.List("x-kubernetes-validations")?.Maps() ?? [])
        {
            FieldPath at = path.Child("x-kubernetes-validations").Index(index++);
            string text = (rule.String("rule") ?? "").Trim(), message = rule.String("message") ?? "";
            if (text.Length == 0)
            {
                errors.Required(at.Child("rule"), "rule is not specified");
            }
            else if (message.Length > 0 && message.Trim().Length == 0)
            {
                errors.Invalid(at.Child("message"), message, "must be non-empty if specified");
            }
            else if (message.Trim().AsSpan().IndexOfAny('\n', '\r') >= 0)
            {
                errors.Invalid(at.Child("message"), message, "must not contain line breaks");
            }
            else if (text.AsSpan().IndexOfAny('\n', '\r') >= 0 && message.Trim().Length == 0)
            {
                errors.Required(at.Child("message"), "message must be specified if rule contains line breaks");
            }

            if (rule.String("messageExpression") is { Length: > 0 } expression && expression.Trim().Length == 0)
            {
                errors.Required(at.Child("messageExpression"), "messageExpression must be non-empty if specified");
            }

            if (rule.String("reason") is { } reason
                && reason is not ("FieldValueRequired" or "FieldValueForbidden" or "FieldValueInvalid" or "FieldValueDuplicate"))
            {
                errors.NotSupported(
                    at.Child("reason"), reason, "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
            }

            if (rule.String("fieldPath") is { Length: > 0 } field)
            {
                if (field.Trim().Length == 0)
                {
                    errors.Invalid(at.Child("fieldPath"), field, "must be non-empty if specified");
                }

                if (field.AsSpan().IndexOfAny('\n', '\r') >= 0)
                {
                    errors.Invalid(at.Child("fieldPath"), field, "must not contain line breaks");
                }

                if (SchemaPath.Resolve(schema, field, brackets: true).Fault is not null)
                {
                    errors.Invalid(at.Child("fieldPath"), field, "must be a valid path");
                }
            }
        }
    }

    /// <summary>Adds the faults of the rules' expressions.</summary>
    private static void Expressions(JsonMap schema, FieldPath path, FieldPath? noOldSelf, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap rule in schema.List("x-kubernetes-validations")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string text = (rule.String("rule") ?? "").Trim();
            if (CelSyntax.Check(text) is { } fault)
            {
                errors.Invalid(at.Child("rule"), Shown(rule), "compilation failed: " + fault);
            }

            if (rule.String("messageExpression") is { Length: > 0 } expression && CelSyntax.Check(expression.Trim()) is { } wrong)
            {
                errors.Invalid(at.Child("messageExpression"), Shown(rule), "messageExpression compilation failed: " + wrong);
            }

            if (!CelSyntax.Names(text, "oldSelf"))
            {
                if (rule["optionalOldSelf"] is bool optional)
                {
                    errors.Invalid(at.Child("optionalOldSelf"), optional, "may not be set if oldSelf is not used in rule");
                }
            }
            else if (noOldSelf is not null)
            {
                errors.Invalid(
                    at.Child("rule"), rule.String("rule"),
                    $"oldSelf cannot be used on the uncorrelatable portion of the schema within {noOldSelf}");
            }
        }
    }

    /// <summary>A rule as Go writes a structure that has no JSON names.</summary>
    private static JsonMap Shown(JsonMap rule) => new()
    {
        { "Rule", rule.String("rule") ?? "" },
        { "Message", rule.String("message") ?? "" },
        { "MessageExpression", rule.String("messageExpression") ?? "" },
        { "Reason", rule["reason"] },
        { "FieldPath", rule.String("fieldPath") ?? "" },
        { "OptionalOldSelf", rule["optionalOldSelf"] },
    };

    /// <summary>Where a schema stands.</summary>
    /// <param name="Root">It is that of the whole object.</param>
    /// <param name="InMeta">It is in what every object has.</param>
    /// <param name="NoDefaults">Why it may have no default; null where it may.</param>
    /// <param name="Compiles">Its expressions are looked at.</param>
    /// <param name="NoOldSelf">The list whose items have no counterpart in the old object; null for none.</param>
    private readonly record struct Place(bool Root, bool InMeta, string? NoDefaults, bool Compiles, FieldPath? NoOldSelf);
}
