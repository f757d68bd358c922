using KubeLite.ApiMachinery.Errors;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>The encoding of a body.</summary>
public enum BodyEncoding
{
    /// <summary>application/json.</summary>
    Json,

    /// <summary>application/yaml.</summary>
    Yaml,

    /// <summary>application/vnd.kubernetes.protobuf.</summary>
    Protobuf,
}

/// <summary>What an object is turned into before it is encoded.</summary>
public enum BodyShape
{
    /// <summary>The object itself.</summary>
    Object,

    /// <summary>A Table of it.</summary>
    Table,

    /// <summary>Its metadata only.</summary>
    Metadata,
}

/// <summary>How an answer is encoded, as the request's Accept header asks for it.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Shape">The form of objects.</param>
/// <param name="Pretty">True where JSON is indented.</param>
public readonly record struct ResponseFormat(BodyEncoding Encoding, BodyShape Shape, bool Pretty)
{
    private const string Available =
        "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

    /// <summary>Plain JSON.</summary>
    public static readonly ResponseFormat Json = new(BodyEncoding.Json, BodyShape.Object, false);

    /// <summary>The Content-Type of the answer.</summary>
    public string ContentType => Encoding switch
    {
        BodyEncoding.Yaml => "application/yaml",
        BodyEncoding.Protobuf => "application/vnd.kubernetes.protobuf",
        _ => "application/json",
    } + Shape switch
    {
        BodyShape.Table => ";as=Table;g=meta.k8s.io;v=v1",
        BodyShape.Metadata => ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        _ => "",
    };

    /// <summary>Chooses the format of an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="list">True where the answer is a list: metadata is asked for as PartialObjectMetadataList.</param>
    /// <param name="shapes">False where only the plain object is served, as for Status.</param>
    /// <exception cref="ApiException">406: nothing that is accepted can be served.</exception>
    public static ResponseFormat Of(HttpRequest request, bool list, bool shapes = true) =>
        TryChoose(request, list, shapes, out ResponseFormat format)
            ? format
            : throw new ApiException(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {Available}", new("", "", ""));

    /// <summary>Chooses the format of a Status: JSON where nothing better is accepted.</summary>
    public static ResponseFormat OfStatus(HttpRequest request) => TryChoose(request, false, false, out ResponseFormat format) ? format : Json;

    private static bool TryChoose(HttpRequest request, bool list, bool shapes, out ResponseFormat format)
    {
        bool pretty = Requests.QueryFlags.IsTrue(request.Query, "pretty");
        string accept = request.Headers.Accept.ToString();
        format = Json with { Pretty = pretty };
        if (accept.Length == 0)
        {
            return true;
        }

        double best = -1;
        foreach (string clause in accept.Split(','))
        {
            if (TryClause(clause, list, shapes, out ResponseFormat offered, out double quality) && quality > best)
            {
                best = quality;
                format = offered with { Pretty = pretty };
            }
        }

        return best >= 0;
    }

    private static bool TryClause(string clause, bool list, bool shapes, out ResponseFormat format, out double quality)
    {
        string[] parts = clause.Split(';', StringSplitOptions.TrimEntries);
        quality = 1;
        format = Json;
        BodyEncoding encoding;
        switch (parts[0].ToLowerInvariant())
        {
            case "application/json" or "*/*" or "application/*":
                encoding = BodyEncoding.Json;
                break;
            case "application/yaml":
                encoding = BodyEncoding.Yaml;
                break;
            case "application/vnd.kubernetes.protobuf":
                encoding = BodyEncoding.Protobuf;
                break;
            default:
                return false;
        }

        string shape = "", group = "", version = "";
        foreach (string parameter in parts.AsSpan(1))
        {
            int at = parameter.IndexOf('=');
            string value = at < 0 ? "" : parameter[(at + 1)..];
            switch (at < 0 ? parameter : parameter[..at])
            {
                case "as":
                    shape = value;
                    break;
                case "g":
                    group = value;
                    break;
                case "v":
                    version = value;
                    break;
                case "q":
                    _ = double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out quality);
                    break;
            }
        }

        if (shape.Length == 0)
        {
            format = new(encoding, BodyShape.Object, false);
            return true;
        }

        if (group != "meta.k8s.io" || version is not ("v1" or "v1beta1") || !shapes)
        {
            return false;
        }

        BodyShape? wanted = shape switch
        {
            "Table" => BodyShape.Table,
            "PartialObjectMetadata" when !list => BodyShape.Metadata,
            "PartialObjectMetadataList" when list => BodyShape.Metadata,
            _ => null,
        };
        format = new(encoding, wanted ?? BodyShape.Object, false);
        return wanted is not null;
    }
}
