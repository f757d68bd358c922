using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>
/// Whether a number is within what a schema allows (kube-openapi's <c>numberValidator</c>): whole numbers are compared as such.
/// </summary>
internal static class SchemaNumbers
{
    /// <summary>Adds the faults of a number.</summary>
    public static void Check(object value, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        result.Count(2);
        string type = schema.Flag("x-kubernetes-int-or-string") ? "" : schema.String("type") ?? "", format = SchemaTypes.Format(schema);
        Range("Checked", value, type, format, at, result);
        if (schema["multipleOf"] is { } factor)
        {
            object by = Bound("MultipleOf", value, factor, type, format, at, result);
            Multiple(value, by, at, result);
        }

        if (schema["minimum"] is { } least)
        {
            object bound = Bound("Minimum boundary", value, least, type, format, at, result);
            bool exclusive = schema.Flag("exclusiveMinimum");
            int order = Compare(value, bound);
            string or = exclusive ? "" : "or equal to ";
            Fault(exclusive ? order <= 0 : order < 0, value, bound, $"should be greater than {or}{GoText.Of(bound)}", at, result);
        }

        if (schema["maximum"] is { } most)
        {
            object bound = Bound("Maximum boundary", value, most, type, format, at, result);
            bool exclusive = schema.Flag("exclusiveMaximum");
            int order = Compare(value, bound);
            string or = exclusive ? "" : "or equal to ";
            Fault(exclusive ? order >= 0 : order > 0, value, bound, $"should be less than {or}{GoText.Of(bound)}", at, result);
        }
    }

    /// <summary>A number as a fraction.</summary>
    private static double Double(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    /// <summary>A bound in the kind of the value: whole numbers lose its fraction, unless it doesn't fit their type.</summary>
    private static object Bound(string what, object value, object bound, string type, string format, SchemaPlace at, SchemaResult result) =>
        Range(what, bound, type, format, at, result) && value is long ? bound as long? ?? (long)Double(bound) : Double(bound);

    /// <summary>Whether a number can be one of the type at all.</summary>
    private static bool Range(string what, object value, string type, string format, SchemaPlace at, SchemaResult result)
    {
        double number = Double(value);
        bool fits = (type, format) switch
        {
            ("integer", "int32") => number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue,
            ("integer", _) => value is long || (number == Math.Floor(number) && number is >= long.MinValue and < long.MaxValue),
            (_, "float") => Math.Abs(number) <= float.MaxValue,
            _ => true,
        };
        if (!fits)
        {
            string form = format.Length > 0 ? "with format " + format : "(default format)";
            string text = $"{what} value must be of type {type} {form} in {at.Path}";
            result.Add(text, FieldError.Invalid(at.Start, "", text));
        }

        return fits;
    }

    private static void Multiple(object value, object factor, SchemaPlace at, SchemaResult result)
    {
        if (Double(factor) <= 0)
        {
            string text = $"factor MultipleOf declared for {at.Path} must be positive: {GoText.Of(factor)}";
            result.Add(text, FieldError.Invalid(at.Field, factor, text));
            return;
        }

        bool whole = value is long number && factor is long by
            ? number % by == 0
            : SchemaTypes.IsWhole(Double(factor) < 1 ? 1 / Double(factor) * Double(value) : Double(value) / Double(factor));
        Fault(!whole, value, factor, $"should be a multiple of {GoText.Of(factor)}", at, result);
    }

    private static int Compare(object value, object bound) =>
        value is long a && bound is long b ? a.CompareTo(b) : Double(value).CompareTo(Double(bound));

    /// <summary>Adds a fault that shows the value in the kind of the bound.</summary>
    private static void Fault(bool wrong, object value, object bound, string detail, SchemaPlace at, SchemaResult result)
    {
        if (wrong)
        {
            string text = $"{at.Path} in body {detail}";
            result.Add(text, FieldError.Invalid(at.Field, bound is long ? value : Double(value), text));
        }
    }
}
