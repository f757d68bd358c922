using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// Whether a value fits anyOf, oneOf, allOf and not of a schema (kube-openapi's <c>validate/schema_props.go</c>). Of options that
/// all fail, the one is told of that came nearest.
/// </summary>
internal static class SchemaOptions
{
    /// <summary>Checks a value against an option.</summary>
    public delegate void OptionCheck(JsonMap option, SchemaResult result);

    /// <summary>Adds what the combinations say of a value.</summary>
    public static void Check(JsonMap schema, SchemaPlace at, OptionCheck check, SchemaResult result)
    {
        if (schema.List("anyOf") is { Count: > 0 } any)
        {
            Any(any, at, check, result);
        }

        if (schema.List("oneOf") is { Count: > 0 } one)
        {
            One(one, at, check, result);
        }

        if (schema.List("allOf") is { Count: > 0 } all)
        {
            All(all, at, check, result);
        }

        if (schema.Map("not") is { } not && Try(not, check).IsValid)
        {
            Fault("must not validate the schema (not)", at, result);
        }

        result.Count(2);
    }

    private static void Any(JsonList options, SchemaPlace at, OptionCheck check, SchemaResult result)
    {
        SchemaResult? best = null;
        foreach (JsonMap option in options.Maps())
        {
            SchemaResult found = Try(option, check);
            if (found.IsValid)
            {
                result.Merge(found);
                return;
            }

            best = Nearer(best, found);
        }

        Fault("must validate at least one schema (anyOf)", at, result);
        result.Merge(best!);
    }

    private static void One(JsonList options, SchemaPlace at, OptionCheck check, SchemaResult result)
    {
        SchemaResult? best = null, first = null;
        int valid = 0;
        foreach (JsonMap option in options.Maps())
        {
            SchemaResult found = Try(option, check);
            if (found.IsValid)
            {
                valid++;
                first ??= found;
            }
            else
            {
                best = Nearer(best, found);
            }
        }

        if (valid == 1)
        {
            result.Merge(first!);
            return;
        }

        string more = valid == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {valid} valid alternatives");
        Fault($"must validate one and only one schema (oneOf). {more}", at, result);
        if (valid == 0)
        {
            result.Merge(best!);
        }
    }

    private static void All(JsonList options, SchemaPlace at, OptionCheck check, SchemaResult result)
    {
        int valid = 0;
        foreach (JsonMap option in options.Maps())
        {
            SchemaResult found = Try(option, check);
            valid += found.IsValid ? 1 : 0;
            result.Merge(found);
        }

        if (valid != options.Count)
        {
            Fault($"must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}", at, result);
        }
    }

    private static SchemaResult Try(JsonMap option, OptionCheck check)
    {
        var result = new SchemaResult();
        check(option, result);
        return result;
    }

    private static SchemaResult Nearer(SchemaResult? best, SchemaResult found) =>
        best is null || found.Matches > best.Matches ? found : best;

    private static void Fault(string detail, SchemaPlace at, SchemaResult result)
    {
        string text = $"{FieldError.GoQuote(at.Path)} {detail}";
        result.Add(text, FieldError.Invalid(at.Start, "", text));
    }
}
