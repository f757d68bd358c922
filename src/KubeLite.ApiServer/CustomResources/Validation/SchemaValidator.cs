using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// Validates values against an openAPIV3Schema, in the words of Kubernetes (kube-openapi's <c>validation/validate</c> and
/// apiextensions' <c>apiserver/validation</c> of v1.36). On updates what didn't change is not reported (KEP-4008).
/// </summary>
public static class SchemaValidator
{
    /// <summary>Adds every fault of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">The openAPIV3Schema.</param>
    /// <param name="path">Where the value stands; null for the top.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(object? value, JsonMap schema, FieldPath? path, FieldErrors errors)
    {
        var result = new SchemaResult();
        Check(value, null, schema, new SchemaPlace(path, ""), result);
        errors.AddRange(result.Errors);
    }

    /// <summary>Adds every fault of a value that takes the place of another one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="old">The value before.</param>
    /// <param name="schema">The openAPIV3Schema.</param>
    /// <param name="path">Where the value stands; null for the top.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void ValidateUpdate(object? value, object? old, JsonMap schema, FieldPath? path, FieldErrors errors)
    {
        var result = new SchemaResult();
        CheckChange(value, new Correlation(old, value, schema), schema, new SchemaPlace(path, ""), result);
        errors.AddRange(result.Errors);
    }

    /// <summary>Checks a value of which nothing is wrong where it is the same as before.</summary>
    private static void CheckChange(object? value, Correlation? before, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        if (before is null)
        {
            Check(value, null, schema, at, result);
            return;
        }

        var own = new SchemaResult();
        Check(value, before, schema, at, own);
        if (!own.IsValid && before.IsSame())
        {
            own.Forgive();
        }

        result.Merge(own);
    }

    private static void Check(object? value, Correlation? before, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        SchemaTypes.Check(value, schema, at, result);
        if (value is not null)
        {
            // What an option says of an item isn't compared with what was.
            SchemaOptions.Check(schema, at, (option, found) => Check(value, null, option, at, found), result);
            switch (value)
            {
                case string text:
                    Text(text, schema, at, result);
                    break;
                case long or double:
                    SchemaNumbers.Check(value, schema, at, result);
                    break;
                case JsonList list:
                    Items(list, before, schema, at, result);
                    break;
            }

            result.Count(2);
        }

        Enum(value, schema, at, result);
        if (value is JsonMap map)
        {
            Members(map, before, schema, at, result);
        }
    }

    /// <summary>Of length and pattern the first fault is told.</summary>
    private static void Text(string text, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        result.Count();
        long runes = text.EnumerateRunes().Count();
        if (schema.Integer("maxLength") is { } most && runes > most)
        {
            result.Add(
                string.Create(CultureInfo.InvariantCulture, $"{at.Path} in body should be at most {most} chars long"),
                FieldError.TooLong(at.Field, (int)most));
        }
        else if (schema.Integer("minLength") is { } least && runes < least)
        {
            Invalid(text, string.Create(CultureInfo.InvariantCulture, $"should be at least {least} chars long"), at, result);
        }
        else if (schema.String("pattern") is { Length: > 0 } pattern && !GoPattern.Matches(pattern, text))
        {
            Invalid(text, $"should match '{pattern}'", at, result);
        }

        if (SchemaTypes.Format(schema) is { Length: > 0 } format && ValueFormats.IsKnown(format))
        {
            result.Count();
            if (!ValueFormats.IsValid(format, text))
            {
                string fault = $"{at.Path} in body must be of type {format}: {FieldError.GoQuote(text)}";
                result.Add(fault, FieldError.TypeInvalid(at.Field, text, fault));
            }
        }
    }

    private static void Items(JsonList list, Correlation? before, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        result.Count(2);
        if (schema.Map("items") is { } items)
        {
            for (int i = 0; i < list.Count; i++)
            {
                CheckChange(list[i], before?.Item(i), items, at.Item(i), result);
            }
        }

        if (schema.Integer("minItems") is { } least && list.Count < least)
        {
            Invalid((long)list.Count, string.Create(CultureInfo.InvariantCulture, $"should have at least {least} items"), at, result);
        }

        if (schema.Integer("maxItems") is { } most && list.Count > most)
        {
            result.Add(
                string.Create(CultureInfo.InvariantCulture, $"{at.Path} in body should have at most {most} items"),
                FieldError.TooMany(at.Field, list.Count, (int)most));
        }
    }

    /// <summary>Numbers are compared in the kind of the one that is allowed; null is never one of them.</summary>
    private static void Enum(object? value, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        if (schema.List("enum") is not { Count: > 0 } allowed || allowed.Any(a => Equal(a, value)))
        {
            return;
        }

        result.Add(
            $"{at.Path} in body should be one of {GoText.Of(allowed)}",
            FieldError.NotSupported(at.Field, value, allowed.Select(a => a as string ?? JsonWriting.ToText(a))));

        static bool Equal(object? allowed, object? value) => (allowed, value) switch
        {
            (null, _) => false,
            (long wanted, double number) => wanted == (long)number,
            _ => JsonValue.DeepEquals(allowed, value),
        };
    }

    private static void Members(JsonMap map, Correlation? before, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        result.Count();
        if (schema.Integer("minProperties") is { } least && map.Count < least)
        {
            Invalid((long)map.Count, string.Create(CultureInfo.InvariantCulture, $"should have at least {least} properties"), at, result);
        }

        if (schema.Integer("maxProperties") is { } most && map.Count > most)
        {
            result.Add(
                string.Create(CultureInfo.InvariantCulture, $"{at.Path} in body should have at most {most} properties"),
                FieldError.TooMany(at.Field, map.Count, (int)most));
        }

        JsonMap? properties = schema.Map("properties");
        JsonMap? more = schema.Map("additionalProperties");
        foreach (var (name, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            JsonMap? named = properties?.Map(name);
            if ((named ?? more) is { } inner)
            {
                // What an object is can't change: it isn't compared either.
                bool compares = at.Path.Length > 0 || name is not ("kind" or "apiVersion");
                SchemaPlace place = named is null ? at.Member(name) : at.Property(name);
                CheckChange(value, compares ? before?.Member(name) : null, inner, place, result);
            }
        }

        foreach (string name in schema.List("required")?.Strings() ?? [])
        {
            if (!map.ContainsKey(name))
            {
                SchemaPlace missing = at.Member(name);
                result.Add($"{missing.Path} in body is required", FieldError.Required(missing.Field));
            }
        }
    }

    private static void Invalid(object value, string detail, SchemaPlace at, SchemaResult result)
    {
        string text = $"{at.Path} in body {detail}";
        result.Add(text, FieldError.Invalid(at.Field, value, text));
    }
}
