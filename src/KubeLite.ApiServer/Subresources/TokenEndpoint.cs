using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>POST of serviceaccounts/NAME/token: a signed token, bound to what the request names (KEP-1205).</summary>
public sealed class TokenEndpoint(ResourceRegistry registry, ObjectCodec codec, ServiceAccountTokens tokens)
{
    private const long MinSeconds = 600, DefaultSeconds = 3600;
    private const string Group = "authentication.k8s.io", Kind = "TokenRequest";

    private static readonly GroupVersionKind s_kind = new(Group, "v1", Kind);
    private static readonly Schema s_schema = ApiFacts.Newest.Type("io.k8s.api.authentication.v1.TokenRequest");
    private static readonly FieldManager s_fields = new(
        s_schema, s_kind.ApiVersion, "token", null, static (obj, _) => obj, static _ => s_schema);

    /// <summary>Answers the request.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = await ReadAsync(request, definition);
        string ns = request.Info.Namespace, name = request.Info.Name;
        JsonMap metadata = review.MapAt("metadata");
        if (metadata.String("name") is { Length: > 0 } named && named != name)
        {
            var mismatch = new FieldErrors();
            mismatch.Invalid(FieldPath.Of("metadata", "name"), named, "must match the service account name if specified");
            throw ApiException.Invalid(Group, Kind, name, mismatch);
        }

        JsonMap account = await registry.FindNewestAsync("", "serviceaccounts", ns, name, request.Aborted)
            ?? throw ApiException.NotFound("", "serviceaccounts", name);
        string uid = account.MapAt("metadata").String("uid")!;
        if (metadata.String("uid") is { Length: > 0 } given && given != uid)
        {
            throw ApiException.Conflict(
                Group, Kind, name, $"the UID in the token request ({given}) does not match the UID of the service account ({uid})");
        }

        metadata["name"] = name;
        metadata["namespace"] = ns;
        metadata["uid"] = uid;
        metadata["creationTimestamp"] = ApiTime.Format(request.Now);
        JsonMap spec = review.MapAt("spec");
        List<string> audiences = [.. spec.List("audiences")?.Strings() ?? []];
        if (audiences.Count == 0)
        {
            audiences.AddRange(tokens.DefaultAudiences);
        }

        long seconds = spec.Integer("expirationSeconds") ?? DefaultSeconds;
        var errors = new FieldErrors();
        if (seconds < MinSeconds)
        {
            errors.Invalid(FieldPath.Of("spec", "expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        }
        else if (seconds > 1L << 32)
        {
            errors.Invalid(FieldPath.Of("spec", "expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(Group, Kind, "", errors);
        }

        (string, string, string)? bound = null;
        (string, string)? node = null;
        if (spec.Map("boundObjectRef") is { } reference)
        {
            (bound, node) = await BindAsync(reference, account, ns, request.Aborted);
        }

        string token = tokens.Sign(account, audiences, TimeSpan.FromSeconds(seconds), bound, node);
        spec["audiences"] = new JsonList(audiences);
        review["status"] = new JsonMap { { "token", token }, { "expirationTimestamp", ApiTime.Format(request.Now.AddSeconds(seconds)) } };
        Normalizer.Normalize(review, s_schema);
        await ObjectResponse.SendAsync(request, 201, review, ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    private async Task<JsonMap> ReadAsync(ApiRequest request, ResourceDefinition definition)
    {
        RequestBody.RequireType(request);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        var strict = new List<string>();
        JsonMap review = RequestBody.Parse(request, body, Kind, strict);
        codec.CheckKind(review, s_kind);
        var unknown = new List<string>();
        try
        {
            SchemaDecoder.Decode(review, s_schema, unknown);
        }
        catch (DecodeException e)
        {
            throw WriteEndpoint.CannotHandle(s_kind, e.Message);
        }

        strict.AddRange(unknown.Select(u => $"unknown field \"{u}\""));
        WriteEndpoint.Report(request, s_kind, options, strict);
        review.MapAt("spec").SetDefault("expirationSeconds", DefaultSeconds);
        Normalizer.Normalize(review, s_schema);
        WriteEndpoint.EnsureNamespace(request, definition, review.MapAt("metadata"));
        var empty = new JsonMap { { "kind", Kind }, { "apiVersion", s_kind.ApiVersion } };
        Normalizer.Normalize(empty, s_schema);
        s_fields.Update(empty, review, options.FieldManager, ApiTime.Format(request.Now));
        return review;
    }

    private async Task<((string, string, string) Bound, (string, string)? Node)> BindAsync(
        JsonMap reference, JsonMap account, string ns, CancellationToken cancellationToken)
    {
        string kind = reference.String("kind") ?? "", name = reference.String("name") ?? "";
        string[] version = (reference.String("apiVersion") ?? "").Split('/');
        string group = version.Length == 2 ? version[0] : "", served = version[^1];
        string resource = group.Length > 0 ? "" : kind switch
        {
            "Pod" => "pods",
            "Secret" => "secrets",
            "Node" => "nodes",
            _ => "",
        };
        if (resource.Length == 0)
        {
            throw ApiException.BadRequest($"cannot bind token to object of type {group}/{served}, Kind={kind}");
        }

        JsonMap target = await registry.FindNewestAsync("", resource, kind == "Node" ? "" : ns, name, cancellationToken)
            ?? throw ApiException.NotFound("", resource, name);
        string uid = target.MapAt("metadata").String("uid")!;
        string owner = account.MapAt("metadata").String("name")!;
        if (kind == "Pod" && target.Map("spec")?.String("serviceAccountName") != owner)
        {
            throw ApiException.BadRequest(
                $"cannot bind token for serviceaccount {FieldError.GoQuote(owner)} to pod running with different serviceaccount name.");
        }

        if (reference.String("uid") is { Length: > 0 } wanted && wanted != uid)
        {
            throw ApiException.Conflict(
                "", kind, name,
                $"the UID in the bound object reference ({wanted}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        if (kind != "Pod")
        {
            return ((kind, name, uid), null);
        }

        string nodeName = target.Map("spec")?.String("nodeName") ?? "";
        JsonMap? node = nodeName.Length == 0 ? null : await registry.FindNewestAsync("", "nodes", "", nodeName, cancellationToken);
        return ((kind, name, uid), nodeName.Length == 0 ? null : (nodeName, node?.MapAt("metadata").String("uid") ?? ""));
    }
}
