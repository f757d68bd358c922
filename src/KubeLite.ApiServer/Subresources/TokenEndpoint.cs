using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>POST of serviceaccounts/NAME/token: a signed token, bound to what the request names (KEP-1205).</summary>
public sealed class TokenEndpoint(ResourceRegistry registry, ServiceAccountTokens tokens)
{
    private const long MinSeconds = 600;
    private const string Group = "authentication.k8s.io", Kind = "TokenRequest";

    /// <summary>Answers the request.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = RequestBody.Parse(request, await RequestBody.ReadAsync(request), "TokenRequest", []);
        string ns = request.Info.Namespace, name = request.Info.Name;
        JsonMap metadata = review.MapAt("metadata");
        Match(metadata, "name", name, name);
        Match(metadata, "namespace", ns, name);
        JsonMap account = await registry.FindNewestAsync("", "serviceaccounts", ns, name, request.Aborted) ?? throw ApiException.NotFound("", "serviceaccounts", name);
        string uid = account.MapAt("metadata").String("uid")!;
        if (metadata.String("uid") is { Length: > 0 } given && given != uid)
        {
            throw ApiException.Conflict(Group, Kind, name, $"the UID in the token request ({given}) does not match the UID of the service account ({uid})");
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

        long seconds = spec.Integer("expirationSeconds") ?? 3600;
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
        var answerSpec = new JsonMap { { "audiences", new JsonList(audiences) }, { "expirationSeconds", seconds }, { "boundObjectRef", spec["boundObjectRef"] } };
        await ObjectResponse.SendAsync(request, 201, new JsonMap
        {
            { "kind", Kind },
            { "apiVersion", Group + "/v1" },
            { "metadata", metadata },
            { "spec", answerSpec },
            { "status", new JsonMap { { "token", token }, { "expirationTimestamp", ApiTime.Format(request.Now.AddSeconds(seconds)) } } },
        }, ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    private static void Match(JsonMap metadata, string field, string value, string name)
    {
        if (metadata.String(field) is { Length: > 0 } given && given != value)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("metadata", field), given, $"must match the service account {field} if specified");
            throw ApiException.Invalid(Group, Kind, name, errors);
        }
    }

    private async Task<((string, string, string) Bound, (string, string)? Node)> BindAsync(JsonMap reference, JsonMap account, string ns, CancellationToken cancellationToken)
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

        JsonMap target = await registry.FindNewestAsync("", resource, kind == "Node" ? "" : ns, name, cancellationToken) ?? throw ApiException.NotFound("", resource, name);
        string uid = target.MapAt("metadata").String("uid")!;
        if (reference.String("uid") is { Length: > 0 } wanted && wanted != uid)
        {
            throw ApiException.Conflict("", kind, name, $"the UID in the bound object reference ({wanted}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        if (kind != "Pod")
        {
            return ((kind, name, uid), null);
        }

        string owner = account.MapAt("metadata").String("name")!;
        if (target.Map("spec")?.String("serviceAccountName") != owner)
        {
            throw ApiException.BadRequest($"cannot bind token for serviceaccount {FieldError.GoQuote(owner)} to pod running with different serviceaccount name.");
        }

        string nodeName = target.Map("spec")?.String("nodeName") ?? "";
        JsonMap? node = nodeName.Length == 0 ? null : await registry.FindNewestAsync("", "nodes", "", nodeName, cancellationToken);
        return ((kind, name, uid), node is null ? null : (nodeName, node.MapAt("metadata").String("uid")!));
    }
}
