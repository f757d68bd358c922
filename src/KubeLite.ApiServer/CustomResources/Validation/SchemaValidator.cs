using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// Validates values against an openAPIV3Schema, in the words of Kubernetes (kube-openapi's <c>validation/validate</c> and
/// apiextensions' <c>apiserver/validation</c> of v1.36). On updates what didn't change is not reported (KEP-4008).
/// </summary>
public sealed class SchemaValidator
{
    private static readonly ConcurrentDictionary<string, Regex?> s_patterns = new(StringComparer.Ordinal);

    private readonly string _prefix;
    private int _matches;

    private SchemaValidator(string prefix) => _prefix = prefix;

    /// <summary>Adds every fault of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="old">The value before; null where nothing was.</param>
    /// <param name="schema">The openAPIV3Schema.</param>
    /// <param name="path">Where the value stands; null for the top.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(object? value, object? old, JsonMap schema, FieldPath? path, FieldErrors errors) =>
        new SchemaValidator(path?.ToString() ?? "").Visit(value, old, schema, "", errors);

    private void Visit(object? value, object? old, JsonMap schema, string path, FieldErrors errors)
    {
        Type(value, schema, path, errors);
        _matches++;
        if (value is not null)
        {
            Combined(value, old, schema, path, errors);
            switch (value)
            {
                case string text:
                    Text(text, schema, path, errors);
                    break;
                case long or double:
                    Number(value, schema, path, errors);
                    break;
                case JsonList list:
                    Items(list, old as JsonList, schema, path, errors);
                    break;
            }
        }

        if (schema.List("enum") is { Count: > 0 } allowed && !(value is null && schema.Flag("nullable") && allowed.Contains(null)) &&
            !allowed.Any(a => JsonValue.DeepEquals(a, value) || (a is long or double && value is long or double && Double(a) == Double(value))))
        {
            errors.NotSupported(At(path), value, allowed.Select(a => a as string ?? JsonWriting.ToText(a)));
        }

        if (value is JsonMap map)
        {
            Members(map, old as JsonMap, schema, path, errors);
        }
    }

    private void Type(object? value, JsonMap schema, string path, FieldErrors errors)
    {
        bool either = schema.Flag("x-kubernetes-int-or-string");
        string type = schema.String("type") ?? "";
        string wanted = either ? "integer,string" : type;
        if (wanted.Length == 0)
        {
            return;
        }

        if (value is null)
        {
            if (!schema.Flag("nullable"))
            {
                WrongType(path, wanted, "null", errors);
            }

            return;
        }

        string actual = value switch
        {
            string => "string",
            bool => "boolean",
            long => "integer",
            double => "number",
            JsonList => "array",
            _ => "object",
        };
        bool fits = either
            ? actual is "integer" or "string" || value is double whole && whole == Math.Floor(whole)
            : actual == type || (actual == "integer" && type == "number") || (type == "integer" && value is double number && number == Math.Floor(number));
        if (!fits)
        {
            WrongType(path, wanted, actual, errors);
        }
    }

    private void Combined(object value, object? old, JsonMap schema, string path, FieldErrors errors)
    {
        if (schema.List("anyOf") is { Count: > 0 } any)
        {
            FieldErrors? best = null;
            int bestMatches = -1;
            bool succeeded = false;
            foreach (JsonMap option in any.Maps())
            {
                (FieldErrors found, int matches) = Try(value, old, option, path);
                if (found.Count == 0)
                {
                    (succeeded, best) = (true, null);
                    break;
                }

                if (matches > bestMatches)
                {
                    (best, bestMatches) = (found, matches);
                }
            }

            if (!succeeded)
            {
                Composite(errors, $"{Quoted(path)} must validate at least one schema (anyOf)");
            }

            errors.AddRange(best ?? []);
        }

        if (schema.List("oneOf") is { Count: > 0 } one)
        {
            FieldErrors? best = null;
            int valid = 0, bestMatches = -1;
            foreach (JsonMap option in one.Maps())
            {
                (FieldErrors found, int matches) = Try(value, old, option, path);
                if (found.Count == 0)
                {
                    valid++;
                    best = null;
                }
                else if (valid == 0 && matches > bestMatches)
                {
                    (best, bestMatches) = (found, matches);
                }
            }

            if (valid != 1)
            {
                string more = valid == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {valid} valid alternatives");
                Composite(errors, $"{Quoted(path)} must validate one and only one schema (oneOf). {more}");
                errors.AddRange(best ?? []);
            }
        }

        if (schema.List("allOf") is { Count: > 0 } all)
        {
            int valid = 0;
            foreach (JsonMap option in all.Maps())
            {
                (FieldErrors found, _) = Try(value, old, option, path);
                valid += found.Count == 0 ? 1 : 0;
                errors.AddRange(found);
            }

            if (valid != all.Count)
            {
                Composite(errors, $"{Quoted(path)} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}");
            }
        }

        if (schema.Map("not") is { } not && Try(value, old, not, path).Errors.Count == 0)
        {
            Composite(errors, $"{Quoted(path)} must not validate the schema (not)");
        }
    }

    private (FieldErrors Errors, int Matches) Try(object? value, object? old, JsonMap schema, string path)
    {
        var errors = new FieldErrors();
        var inner = new SchemaValidator(_prefix);
        inner.Visit(value, old, schema, path, errors);
        return (errors, inner._matches);
    }

    private void Text(string text, JsonMap schema, string path, FieldErrors errors)
    {
        _matches++;
        long runes = text.EnumerateRunes().Count();
        if (schema.Integer("maxLength") is { } most && runes > most)
        {
            errors.TooLong(At(path), (int)most);
        }

        if (schema.Integer("minLength") is { } least && runes < least)
        {
            errors.Invalid(At(path), text, string.Create(CultureInfo.InvariantCulture, $"{Full(path)} in body should be at least {least} chars long"));
        }

        if (schema.String("pattern") is { Length: > 0 } pattern && !Matches(pattern, text))
        {
            errors.Invalid(At(path), text, $"{Full(path)} in body should match '{pattern}'");
        }

        if (schema.String("format") is { Length: > 0 } format && schema.String("type") is null or "" or "string" &&
            !schema.Flag("x-kubernetes-int-or-string") && !ValueFormats.IsValid(format, text))
        {
            errors.Add(FieldError.TypeInvalid(At(path), text, $"{Full(path)} in body must be of type {format}: {FieldError.GoQuote(text)}"));
        }
    }

    private void Number(object value, JsonMap schema, string path, FieldErrors errors)
    {
        _matches++;
        double number = Double(value);
        if (schema["multipleOf"] is { } factor && Double(factor) is var by && by != 0 && number / by != Math.Floor(number / by))
        {
            errors.Invalid(At(path), value, $"{Full(path)} in body should be a multiple of {FieldError.Show(factor)}");
        }

        if (schema["maximum"] is { } most)
        {
            bool exclusive = schema.Flag("exclusiveMaximum");
            if (exclusive ? number >= Double(most) : number > Double(most))
            {
                errors.Invalid(At(path), value, $"{Full(path)} in body should be less than {(exclusive ? "" : "or equal to ")}{FieldError.Show(most)}");
            }
        }

        if (schema["minimum"] is { } least)
        {
            bool exclusive = schema.Flag("exclusiveMinimum");
            if (exclusive ? number <= Double(least) : number < Double(least))
            {
                errors.Invalid(At(path), value, $"{Full(path)} in body should be greater than {(exclusive ? "" : "or equal to ")}{FieldError.Show(least)}");
            }
        }

        if (!FitsFormat(value, schema.String("type"), schema.String("format")))
        {
            errors.Invalid(At(path), value, $"{Full(path)} in body must be of type {schema.String("format")}: {FieldError.Show(value)}");
        }
    }

    private static bool FitsFormat(object value, string? type, string? format) => (type, format, value) switch
    {
        ("integer", "int32", long number) => number is >= int.MinValue and <= int.MaxValue,
        _ => true,
    };

    private void Items(JsonList list, JsonList? old, JsonMap schema, string path, FieldErrors errors)
    {
        _matches++;
        JsonMap? items = schema.Map("items");
        for (int i = 0; i < list.Count && items is not null; i++)
        {
            object? before = Before(list[i], i, old, schema);
            Below(list[i], before, before is not null, items, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", errors);
        }

        if (schema.Integer("minItems") is { } least && list.Count < least)
        {
            errors.Invalid(At(path), (long)list.Count, string.Create(CultureInfo.InvariantCulture, $"{Full(path)} in body should have at least {least} items"));
        }

        if (schema.Integer("maxItems") is { } most && list.Count > most)
        {
            errors.TooMany(At(path), list.Count, (int)most);
        }
    }

    /// <summary>The item that stood for this one: only the items of a map can be told apart.</summary>
    private static object? Before(object? item, int index, JsonList? old, JsonMap schema)
    {
        if (old is null || schema.String("x-kubernetes-list-type") != "map" || item is not JsonMap map)
        {
            return null;
        }

        List<string> keys = [.. schema.List("x-kubernetes-list-map-keys")?.Strings() ?? []];
        return old.Maps().FirstOrDefault(o => keys.All(k => JsonValue.DeepEquals(o[k], map[k])));
    }

    private void Members(JsonMap map, JsonMap? old, JsonMap schema, string path, FieldErrors errors)
    {
        _matches++;
        if (schema.Integer("minProperties") is { } least && map.Count < least)
        {
            errors.Invalid(At(path), (long)map.Count, string.Create(CultureInfo.InvariantCulture, $"{Full(path)} in body should have at least {least} properties"));
            return;
        }

        if (schema.Integer("maxProperties") is { } most && map.Count > most)
        {
            errors.TooMany(At(path), map.Count, (int)most);
            return;
        }

        JsonMap? properties = schema.Map("properties");
        JsonMap? more = schema.Map("additionalProperties");
        foreach (var (name, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            JsonMap? inner = properties?.Map(name) ?? more;
            if (inner is not null)
            {
                object? before = null;
                bool existed = old is not null && old.TryGetValue(name, out before);
                Below(value, before, existed, inner, path.Length == 0 ? name : $"{path}.{name}", errors);
            }
        }

        foreach (string name in schema.List("required")?.Strings() ?? [])
        {
            if (!map.ContainsKey(name))
            {
                errors.Required(At(path.Length == 0 ? name : $"{path}.{name}"));
            }
        }
    }

    private void Below(object? value, object? old, bool existed, JsonMap schema, string path, FieldErrors errors)
    {
        if (existed && JsonValue.DeepEquals(value, old))
        {
            _matches++;
            return;
        }

        Visit(value, old, schema, path, errors);
    }

    /// <summary>Whether a text matches a pattern, anywhere in it as Go's <c>regexp</c> does.</summary>
    private static bool Matches(string pattern, string text) => Compile(pattern) is not { } regex || regex.IsMatch(text);

    /// <summary>A pattern of Go's syntax (RE2), which runs in time linear in the text; null where it can't be read.</summary>
    public static Regex? Compile(string pattern) => s_patterns.GetOrAdd(pattern, static p =>
    {
        // What RE2 writes otherwise: \z is \Z's absolute form in both, $ never stands before a last newline.
        string translated = p.Replace("(?P<", "(?<", StringComparison.Ordinal);
        translated = Regex.Replace(translated, @"(?<!\\)((?:\\\\)*)\$", m => m.Groups[1].Value + "\\z");
        try
        {
            return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    });

    private void WrongType(string path, string wanted, string actual, FieldErrors errors) =>
        errors.Add(FieldError.TypeInvalid(At(path), actual, $"{Full(path)} in body must be of type {wanted}: {FieldError.GoQuote(actual)}"));

    private void Composite(FieldErrors errors, string text) => errors.Invalid(FieldPath.Of(_prefix.Length == 0 ? "<nil>" : _prefix), "", text);

    private static string Quoted(string path) => FieldError.GoQuote(path);

    /// <summary>The path in the text of messages, which knows nothing of what is above the schema.</summary>
    private static string Full(string path) => path;

    private FieldPath? At(string path)
    {
        var full = new StringBuilder(_prefix);
        if (path.Length > 0 && full.Length > 0)
        {
            full.Append('.');
        }

        full.Append(path);
        return full.Length == 0 ? FieldPath.Of("<nil>") : FieldPath.Of(full.ToString());
    }

    private static double Double(object? value) => value is long or double ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : double.NaN;
}
