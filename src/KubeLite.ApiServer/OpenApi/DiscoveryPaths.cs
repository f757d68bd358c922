using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>The paths in OpenAPI that serve no resource: discovery, the version, the keys of service accounts, logs.</summary>
/// <param name="v3">True for v3.</param>
/// <param name="schemas">Where types are referred to.</param>
/// <param name="facts">The built-in types.</param>
/// <param name="descriptions">What is said of parameters.</param>
internal sealed class DiscoveryPaths(bool v3, OpenApiSchemas schemas, ApiFacts facts, TypeDescriptions descriptions)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly string[] s_formats = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

    /// <summary>The documents of v3 beside those of groups: the address below <c>/openapi/v3/</c>.</summary>
    public static readonly IReadOnlyList<string> Documents =
        [".well-known/openid-configuration", "api", "apis", "logs", "openid/v1/jwks", "version"];

    /// <summary>Adds what one of <see cref="Documents"/> tells.</summary>
    public void AddDocument(JsonMap paths, string document)
    {
        switch (document)
        {
            case ".well-known/openid-configuration":
                Add(paths, "getServiceAccountIssuerOpenIDConfiguration", document, "WellKnown",
                    "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", null, ["application/json"]);
                break;
            case "api":
                Add(paths, "getCoreAPIVersions", document, "core", "get available API versions", Meta + "APIVersions", s_formats);
                break;
            case "apis":
                Add(paths, "getAPIVersions", document, "apis", "get available API versions", Meta + "APIGroupList", s_formats);
                break;
            case "logs":
                AddLogs(paths);
                break;
            case "openid/v1/jwks":
                Add(paths, "getServiceAccountIssuerOpenIDKeyset", document, "openid",
                    "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)",
                    null, ["application/jwk-set+json"]);
                break;
            case "version":
                Add(paths, "getCodeVersion", document, "version", "get the version information for this server",
                    "io.k8s.apimachinery.pkg.version.Info", ["application/json"]);
                break;
        }
    }

    /// <summary>Adds the path of a group.</summary>
    public void AddGroup(JsonMap paths, string group) => Add(
        paths, $"get{OpenApiNames.GroupOf(group)}APIGroup", "apis/" + group,
        OpenApiNames.TagOf(group), "get information of a group", Meta + "APIGroup", s_formats);

    /// <summary>Adds the path of a group's version.</summary>
    public void AddVersion(JsonMap paths, string group, string version) => Add(
        paths, $"get{OpenApiNames.GroupOf(group)}{OpenApiNames.Capital(version)}APIResources", OpenApiNames.RootOf(group, version)[1..],
        OpenApiNames.TagOf(group, version), "get available resources", Meta + "APIResourceList", s_formats);

    private void AddLogs(JsonMap paths)
    {
        var list = new OpenApiOperation { Method = "get", Id = "logFileListHandler", Tag = "logs" };
        paths.Append("/logs/", OpenApiPathItem.Write(v3, [list]));
        var path = new OpenApiParameter("logpath", "path", "string", descriptions.OfParameter("", "logpath"));
        paths.Append("/logs/{logpath}", OpenApiPathItem.Write(v3, [list with { Id = "logFileHandler", Parameters = [path] }]));
    }

    private void Add(JsonMap paths, string id, string path, string tag, string description, string? type, string[] formats) =>
        paths.Append($"/{path}/", OpenApiPathItem.Write(v3,
        [
            new OpenApiOperation
            {
                Method = "get",
                Id = id,
                Description = description,
                Tag = tag,
                // What answers text takes nothing.
                Consumes = type is null ? [] : formats,
                Produces = formats,
                Answer = type is null ? new JsonMap { { "type", "string" } } : schemas.Reference(facts.Type(type)),
            },
        ]));
}
