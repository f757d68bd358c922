using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>One of the forms in which OpenAPI documents are served.</summary>
/// <param name="Subtype">What clients ask for, after application/.</param>
/// <param name="Served">What the answer says it is.</param>
/// <param name="IsProtobuf">True for protobuf, false for JSON.</param>
public sealed record OpenApiMediaType(string Subtype, string Served, bool IsProtobuf)
{
    private static readonly OpenApiMediaType[] s_v2 = Forms(2), s_v3 = Forms(3);

    /// <summary>The first form that the Accept header takes; null for none. No header takes everything.</summary>
    /// <param name="request">The request.</param>
    /// <param name="version">2 or 3.</param>
    public static OpenApiMediaType? Choose(ApiRequest request, int version)
    {
        string accept = request.Http.Request.Headers.Accept.ToString();
        foreach (AcceptClause clause in AcceptClause.Parse(accept.Length == 0 ? "*/*" : accept))
        {
            foreach (OpenApiMediaType form in version == 2 ? s_v2 : s_v3)
            {
                if (clause.Type is "application" or "*" && (clause.Subtype == form.Subtype || clause.Subtype == "*"))
                {
                    return form;
                }
            }
        }

        return null;
    }

    // Clients ask for protobuf with an @ in the name as well; a media type must not hold one, and Go's parser refuses an answer that does.
    private static OpenApiMediaType[] Forms(int version) =>
    [
        new("json", "application/json", false),
        new($"com.github.proto-openapi.spec.v{version}@v1.0+protobuf",
            $"application/com.github.proto-openapi.spec.v{version}.v1.0+protobuf", true),
        new($"com.github.proto-openapi.spec.v{version}.v1.0+protobuf",
            $"application/com.github.proto-openapi.spec.v{version}.v1.0+protobuf", true),
    ];
}
