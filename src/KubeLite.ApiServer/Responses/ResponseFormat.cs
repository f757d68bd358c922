using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
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

    /// <summary>Its metadata only, as PartialObjectMetadata.</summary>
    Metadata,

    /// <summary>The metadata of a list's objects, as PartialObjectMetadataList.</summary>
    MetadataList,
}

/// <summary>What serves a request, which decides which forms of an answer there are.</summary>
public enum Responder
{
    /// <summary>One object of a built-in kind.</summary>
    Object,

    /// <summary>A list of a built-in kind.</summary>
    List,

    /// <summary>One or many custom resources.</summary>
    Custom,

    /// <summary>What has no other shape than its own: Status, discovery, reviews.</summary>
    Plain,
}

/// <summary>
/// How an answer is encoded, as the request's Accept header asks for it (apiserver's handlers/negotiation; before it, for
/// built-in kinds, the routes of go-restful; v0.36).
/// </summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Shape">The form of objects.</param>
/// <param name="Pretty">True where JSON is indented.</param>
/// <param name="Beta">True where a Table or metadata is asked for in meta.k8s.io/v1beta1, as old clients do; it differs in its
/// apiVersion only.</param>
public readonly record struct ResponseFormat(BodyEncoding Encoding, BodyShape Shape, bool Pretty, bool Beta = false)
{
    private const string Meta = "meta.k8s.io/v1", MetaBeta = "meta.k8s.io/v1beta1";

    private const string Types = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private const string StreamTypes = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

    /// <summary>Plain JSON.</summary>
    public static readonly ResponseFormat Json = new(BodyEncoding.Json, BodyShape.Object, false);

    /// <summary>The Content-Type of the answer.</summary>
    public string ContentType => Encoding switch
    {
        BodyEncoding.Yaml => "application/yaml",
        BodyEncoding.Protobuf => "application/vnd.kubernetes.protobuf",
        _ => "application/json",
    };

    /// <summary>Names the version that was asked for in a Table or metadata, and in the metadata inside.</summary>
    public JsonMap Label(JsonMap shaped)
    {
        if (!Beta || shaped.String("apiVersion") != Meta)
        {
            return shaped;
        }

        shaped["apiVersion"] = MetaBeta;
        foreach (JsonMap item in shaped.List("items")?.Maps()
            ?? shaped.List("rows")?.Maps().Select(row => row.Map("object")).OfType<JsonMap>() ?? [])
        {
            if (item.String("apiVersion") == Meta)
            {
                item["apiVersion"] = MetaBeta;
            }
        }

        return shaped;
    }

    /// <summary>Chooses the format of an answer about a resource.</summary>
    /// <exception cref="ApiException">406 or 415: nothing that is accepted can be served.</exception>
    public static ResponseFormat Of(HttpRequest request, ResourceDefinition definition, bool list = false) =>
        Of(request, ResponderOf(definition, list));

    /// <summary>Chooses the format of an answer.</summary>
    /// <exception cref="ApiException">406 or 415: nothing that is accepted can be served.</exception>
    public static ResponseFormat Of(HttpRequest request, Responder responder)
    {
        if (responder != Responder.Custom)
        {
            RequireRoute(request, responder);
        }

        return TryChoose(request, responder, out ResponseFormat format) ? format : throw NotAcceptable(Types);
    }

    /// <summary>Chooses the format of a watch's events.</summary>
    /// <exception cref="ApiException">406: nothing that is accepted can be streamed.</exception>
    public static ResponseFormat OfStream(HttpRequest request, ResourceDefinition definition)
    {
        ResponseFormat format = Of(request, ResponderOf(definition, list: true));
        return format.Encoding != BodyEncoding.Yaml ? format : throw NotAcceptable(StreamTypes);
    }

    /// <summary>Chooses the format of a Status: indented JSON where nothing of what is accepted can be served.</summary>
    public static ResponseFormat OfStatus(HttpRequest request) =>
        TryChoose(request, Responder.Plain, out ResponseFormat format) ? format : Json with { Pretty = true };

    private static Responder ResponderOf(ResourceDefinition definition, bool list) =>
        definition.Custom ? Responder.Custom : list ? Responder.List : Responder.Object;

    private static ApiException NotAcceptable(string types) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {types}");

    /// <summary>
    /// What go-restful asks for before a handler is called: one of the route's types, parameters and other wildcards aside.
    /// </summary>
    private static void RequireRoute(HttpRequest request, Responder responder)
    {
        string accept = request.Headers.Accept.ToString();
        if (accept.Length == 0 || AcceptHeader.Of(accept).TakesRoute)
        {
            return;
        }

        string available = responder == Responder.List ? $"{Types}, {StreamTypes}" : Types;
        bool bodiless = (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method)) &&
            request.Headers.ContentLength is null or 0;
        throw bodiless
            ? new ApiException(
                415, "UnsupportedMediaType", $"415: Unsupported Media Type\n\nAvailable representations: {available}", new("", "", ""))
            : new ApiException(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {available}", new("", "", ""));
    }

    private static bool TryChoose(HttpRequest request, Responder responder, out ResponseFormat format)
    {
        bool pretty = IsPretty(request);
        string accept = request.Headers.Accept.ToString();
        format = Json with { Pretty = pretty };
        if (accept.Length == 0)
        {
            return true;
        }

        foreach (AcceptClause clause in AcceptHeader.Of(accept).Clauses)
        {
            foreach ((string subtype, BodyEncoding encoding) in (ReadOnlySpan<(string, BodyEncoding)>)
                [("json", BodyEncoding.Json), ("yaml", BodyEncoding.Yaml), ("vnd.kubernetes.protobuf", BodyEncoding.Protobuf)])
            {
                if (clause.Takes(subtype) && TryShape(clause, encoding, responder, out BodyShape shape))
                {
                    format = new(
                        encoding, shape, pretty || clause.Parameter("pretty") == "1",
                        shape != BodyShape.Object && clause.Parameter("v") == "v1beta1");
                    return true;
                }
            }
        }

        return false;
    }

    private static bool TryShape(AcceptClause clause, BodyEncoding encoding, Responder responder, out BodyShape shape)
    {
        shape = BodyShape.Object;
        if (clause.Parameter("stream") is { Length: > 0 } stream && (stream != "watch" || encoding == BodyEncoding.Yaml))
        {
            return false;
        }

        if (clause.Parameter("sv") is { Length: > 0 } version && (version != "v1" || responder == Responder.Plain))
        {
            return false;
        }

        if (!clause.Parameters.ContainsKey("as") && !clause.Parameters.ContainsKey("g") && !clause.Parameters.ContainsKey("v"))
        {
            return responder != Responder.Custom || encoding != BodyEncoding.Protobuf;
        }

        if (responder == Responder.Plain || clause.Parameter("g") != "meta.k8s.io" || clause.Parameter("v") is not ("v1" or "v1beta1"))
        {
            return false;
        }

        switch (clause.Parameter("as"))
        {
            case "Table":
                shape = BodyShape.Table;
                return encoding != BodyEncoding.Protobuf;
            case "PartialObjectMetadata":
                shape = BodyShape.Metadata;
                return true;
            case "PartialObjectMetadataList":
                shape = BodyShape.MetadataList;
                return true;
            default:
                return false;
        }
    }

    /// <summary>As the query says; where it says nothing, people's clients get it indented.</summary>
    private static bool IsPretty(HttpRequest request)
    {
        if (request.Query["pretty"].ToString() is { Length: > 0 } text)
        {
            return text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        }

        string agent = request.Headers.UserAgent.ToString();
        return agent.StartsWith("curl", StringComparison.Ordinal) || agent.StartsWith("Wget", StringComparison.Ordinal)
            || agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }
}
