using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>Whether a value is of the type that a schema asks for (kube-openapi's <c>validate/type.go</c>).</summary>
internal static class SchemaTypes
{
    private const double LargestWhole = 9007199254740991;
    private const double Epsilon = 1e-9;

    /// <summary>The format of a schema where it has a meaning there; empty where it has none.</summary>
    public static string Format(JsonMap schema)
    {
        string format = schema.String("format") ?? "";
        bool known = (schema.Flag("x-kubernetes-int-or-string") ? "" : schema.String("type")) switch
        {
            null or "" or "string" => ValueFormats.IsKnown(format),
            "integer" => format is "int32" or "int64",
            "number" => format is "float" or "double",
            _ => false,
        };
        return known ? format : "";
    }

    /// <summary>Adds the fault of a value of another type.</summary>
    public static void Check(object? value, JsonMap schema, SchemaPlace at, SchemaResult result)
    {
        bool either = schema.Flag("x-kubernetes-int-or-string");
        string type = either ? "integer,string" : schema.String("type") ?? "";
        string format = Format(schema);
        if (value is null)
        {
            if (type.Length > 0 && !schema.Flag("nullable"))
            {
                Wrong(at, type, "null", result);
            }
            else
            {
                result.Count();
            }

            return;
        }

        if (type.Length == 0 && format.Length == 0)
        {
            return;
        }

        result.Count();
        (string actual, string actualFormat) = TypeOf(value);
        bool fits = (either ? actual is "integer" or "string" : actual == type) ||
            (actual == "number" && (either || type == "integer") && IsWhole((double)value)) || (actual == "integer" && type == "number");
        if (format.Length > 0 && value is not (string or JsonList) && !fits)
        {
            Wrong(at, format, actualFormat, result);
        }
        else if (!fits && (format.Length == 0 || either || type is "integer" or "number" || value is not (string or JsonList)))
        {
            Wrong(at, type, actual, result);
        }
        else
        {
            result.Count();
        }
    }

    /// <summary>True where a number has no fraction that counts, and is small enough for JSON to keep it.</summary>
    public static bool IsWhole(double number)
    {
        if (double.IsNaN(number) || Math.Abs(number) > LargestWhole)
        {
            return false;
        }

        double whole = Math.Truncate(number), off = Math.Abs(number - whole);
        return off == 0 || (whole > 0 && off / (number + whole) < Epsilon);
    }

    private static (string Type, string Format) TypeOf(object value) => value switch
    {
        string => ("string", ""),
        bool => ("boolean", ""),
        long => ("integer", "int64"),
        double => ("number", "float64"),
        JsonList => ("array", ""),
        _ => ("object", ""),
    };

    private static void Wrong(SchemaPlace at, string wanted, string actual, SchemaResult result)
    {
        string text = $"{at.Path} in body must be of type {wanted}: {FieldError.GoQuote(actual)}";
        result.Add(text, FieldError.TypeInvalid(at.Field, actual, text));
    }
}
