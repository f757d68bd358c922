using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.CustomResources.Validation;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Checks that a schema is structural: every value has one type, said in one place, and what stands in logical
/// combinations only narrows it (KEP-1002; apiextensions' <c>schema/validation.go</c> of v1.36).
/// </summary>
public static class StructuralValidation
{
    private static readonly JsonList s_intOrString = [new JsonMap { { "type", "integer" } }, new JsonMap { { "type", "string" } }];

    private enum Level
    {
        Root,
        Item,
        Field,
    }

    /// <summary>Adds every fault, in order of their texts.</summary>
    public static void Validate(JsonMap schema, FieldPath path, FieldErrors errors)
    {
        var found = new FieldErrors();
        Invariants(schema, Level.Root, path, found);
        Complete(schema, schema, path, path, found);
        errors.AddRange(found.OrderBy(e => e.ToString(), StringComparer.Ordinal));
    }

    private static void Invariants(JsonMap schema, Level level, FieldPath path, FieldErrors errors)
    {
        string type = schema.String("type") ?? "";
        bool preserve = schema.Flag("x-kubernetes-preserve-unknown-fields"),
            either = schema.Flag("x-kubernetes-int-or-string"), embedded = schema.Flag("x-kubernetes-embedded-resource");
        if (type == "array" && schema["items"] is null)
        {
            errors.Required(path.Child("items"), "must be specified");
        }

        if (schema.Map("items") is { } items)
        {
            Invariants(items, Level.Item, path.Child("items"), errors);
        }

        JsonMap? properties = schema.Map("properties");
        foreach (var (name, property) in properties ?? [])
        {
            if (property is JsonMap map)
            {
                Invariants(map, Level.Field, path.Child("properties").Key(name), errors);
            }
        }

        if (schema["additionalProperties"] is { } more)
        {
            if (level == Level.Root)
            {
                errors.Forbidden(path.Child("additionalProperties"), "must not be used at the root");
            }

            if (more is JsonMap element)
            {
                Invariants(element, Level.Field, path.Child("additionalProperties"), errors);
            }

            if (embedded)
            {
                errors.Forbidden(path.Child("additionalProperties"), "must not be used if x-kubernetes-embedded-resource is set");
            }
        }

        if (either && preserve)
        {
            errors.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), true, "must be false if x-kubernetes-int-or-string is true");
        }

        if (either && embedded)
        {
            errors.Invalid(path.Child("x-kubernetes-embedded-resource"), true, "must be false if x-kubernetes-int-or-string is true");
        }

        JsonList? firstOfAll = (schema.List("allOf") is [JsonMap first, ..] ? first : null)?.List("anyOf");
        Values(
            schema, JsonValue.DeepEquals(schema.List("anyOf"), s_intOrString),
            JsonValue.DeepEquals(firstOfAll, s_intOrString), path, errors);
        Type(type, level, embedded, either || preserve, path, errors);
        if (level == Level.Root || embedded)
        {
            Meta(properties, level, path.Child("properties"), errors);
        }

        if (embedded && !preserve && properties is not { Count: > 0 })
        {
            errors.Required(
                path.Child("properties"),
                "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    private static void Type(string type, Level level, bool embedded, bool open, FieldPath path, FieldErrors errors)
    {
        FieldPath at = path.Child("type");
        if (embedded && type != "object")
        {
            const string Text = "must be object if x-kubernetes-embedded-resource is true";
            if (type.Length == 0)
            {
                errors.Required(at, Text);
            }
            else
            {
                errors.Invalid(at, type, Text);
            }
        }
        else if (type.Length == 0 && !open)
        {
            errors.Required(at, level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }

        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            errors.Invalid(at, type, "must be object at the root");
        }
    }

    private static void Meta(JsonMap? properties, Level level, FieldPath path, FieldErrors errors)
    {
        foreach (string name in (string[])["kind", "apiVersion"])
        {
            if (properties?.Map(name) is { } schema && schema.String("type") != "string")
            {
                errors.Invalid(path.Key(name).Child("type"), schema.String("type") ?? "", "must be string");
            }
        }

        if (properties?.Map("metadata") is not { } metadata)
        {
            return;
        }

        if (metadata.String("type") != "object")
        {
            errors.Invalid(path.Key("metadata").Child("type"), metadata.String("type") ?? "", "must be object");
        }

        bool onlyNames = metadata.Map("properties")?.All(p => p.Key is "name" or "generateName") != false;
        if (level == Level.Root && (!onlyNames || metadata.Any(m => m.Key is not ("type" or "default" or "properties"))))
        {
            errors.Forbidden(
                path.Key("metadata"), "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static void Values(JsonMap schema, bool skipAnyOf, bool skipFirst, FieldPath path, FieldErrors errors)
    {
        foreach (string list in (string[])["anyOf", "allOf", "oneOf"])
        {
            if (list == "anyOf" && skipAnyOf)
            {
                continue;
            }

            int index = 0;
            foreach (JsonMap option in schema.List(list)?.Maps() ?? [])
            {
                Nested(option, list == "allOf" && skipFirst && index == 0, list == "allOf", path.Child(list).Index(index++), errors);
            }
        }

        if (schema.Map("not") is { } not)
        {
            Nested(not, false, false, path.Child("not"), errors);
        }

        if (schema.String("pattern") is { Length: > 0 } pattern && GoPattern.Compile(pattern) is null)
        {
            errors.Invalid(path.Child("pattern"), pattern, $"must be a valid regular expression, but isn't: {RegexFault.Of(pattern)}");
        }
    }

    private static void Nested(JsonMap schema, bool skipAnyOf, bool rules, FieldPath path, FieldErrors errors)
    {
        Values(schema, skipAnyOf, false, path, errors);
        if (schema.Map("items") is { } items)
        {
            Nested(items, false, rules, path.Child("items"), errors);
        }

        foreach (var (name, property) in schema.Map("properties") ?? [])
        {
            if (property is JsonMap map)
            {
                Nested(map, false, rules, path.Child("properties").Key(name), errors);
            }
        }

        Forbid("type", "must be empty to be structural");
        Forbid("additionalProperties", "must be undefined to be structural");
        Forbid("default", "must be undefined to be structural");
        Forbid("title", "must be empty to be structural");
        Forbid("description", "must be empty to be structural");
        Forbid("nullable", "must be false to be structural");
        Forbid("x-kubernetes-preserve-unknown-fields", "must be false to be structural");
        Forbid("x-kubernetes-embedded-resource", "must be false to be structural");
        Forbid("x-kubernetes-int-or-string", "must be false to be structural");
        Forbid("x-kubernetes-list-map-keys", "must be empty to be structural");
        Forbid("x-kubernetes-list-type", "must be undefined to be structural");
        Forbid("x-kubernetes-map-type", "must be undefined to be structural");
        Forbid("x-kubernetes-validations", "must be empty to be structural");
        if (schema.Map("properties")?.ContainsKey("metadata") == true)
        {
            errors.Forbidden(path.Child("properties").Key("metadata"), "must not be specified in a nested context");
        }

        void Forbid(string keyword, string text)
        {
            if (schema[keyword] is not (null or false or "" or JsonList { Count: 0 }))
            {
                errors.Forbidden(path.Child(keyword), text);
            }
        }
    }

    /// <summary>What a combination speaks of must be described outside of it.</summary>
    private static void Complete(JsonMap values, JsonMap? structure, FieldPath at, FieldPath path, FieldErrors errors)
    {
        if (structure is null)
        {
            errors.Required(at, $"because it is defined in {path}");
            return;
        }

        if (values.Map("not") is { } not)
        {
            CompleteNested(not, structure, at, path.Child("not"), errors);
        }

        foreach (string list in (string[])["allOf", "anyOf", "oneOf"])
        {
            int index = 0;
            foreach (JsonMap option in values.List(list)?.Maps() ?? [])
            {
                CompleteNested(option, structure, at, path.Child(list).Index(index++), errors);
            }
        }
    }

    private static void CompleteNested(JsonMap values, JsonMap? structure, FieldPath at, FieldPath path, FieldErrors errors)
    {
        Complete(values, structure, at, path, errors);
        if (structure is null)
        {
            return;
        }

        if (values.Map("items") is { } items)
        {
            CompleteNested(items, structure.Map("items"), at.Child("items"), path.Child("items"), errors);
        }

        foreach (var (name, property) in values.Map("properties") ?? [])
        {
            if (property is JsonMap map)
            {
                CompleteNested(
                    map, structure.Map("properties")?.Map(name),
                    at.Child("properties").Key(name), path.Child("properties").Key(name), errors);
            }
        }
    }
}
