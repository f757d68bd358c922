using System.Globalization;
using System.Numerics;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Requests;

/// <summary>Numbers in a query, as Kubernetes converts them (apimachinery's runtime/conversion.go).</summary>
public static class QueryNumber
{
    /// <summary>A parameter as an integer; null where it is absent.</summary>
    /// <exception cref="ApiException">400: it is no integer, or none of 64 bits.</exception>
    public static long? Of(ApiRequest request, string name)
    {
        if (request.Query(name) is not { } text)
        {
            return null;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign;
        if (long.TryParse(text, Style, CultureInfo.InvariantCulture, out long value))
        {
            return value;
        }

        string fault = BigInteger.TryParse(text, Style, CultureInfo.InvariantCulture, out _) ? "value out of range" : "invalid syntax";
        throw ApiException.BadRequest($"strconv.ParseInt: parsing {FieldError.GoQuote(text)}: {fault}");
    }
}
