using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Questions that are asked by POST and stored nowhere: who am I, may I, is this token good.</summary>
public sealed class ReviewEndpoints(WriteEndpoint writes, Authorizer authorizer, StaticTokens staticTokens, ServiceAccountTokens tokens)
{
    /// <summary>SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview.</summary>
    public async Task AccessAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = await ReadAsync(request, definition);
        JsonMap spec = review.MapAt("spec");
        bool self = definition.Name == "selfsubjectaccessreviews";
        JsonMap? resource = spec.Map("resourceAttributes"), path = spec.Map("nonResourceAttributes");
        AccessReviewValidation.Check(definition, review);
        if (definition.Namespaced && request.Info.Namespace.Length == 0)
        {
            throw ApiException.BadRequest("namespace is required on this type: ");
        }

        UserInfo user = self ? request.User : new UserInfo(
            spec.String("user") ?? "", spec.String("uid") ?? "", [.. spec.List("groups")?.Strings() ?? []], UserInfo.NoExtra);
        string verb = (resource ?? path)!.String("verb") ?? "";
        AuthorizationAttributes wanted = resource is not null
            ? new AuthorizationAttributes(user, verb)
            {
                Group = resource.String("group") ?? "",
                Version = resource.String("version") ?? "",
                Resource = resource.String("resource") ?? "",
                Subresource = resource.String("subresource") ?? "",
                Namespace = resource.String("namespace") ?? "",
                Name = resource.String("name") ?? "",
            }
            : new AuthorizationAttributes(user, verb) { IsResource = false, Path = path!.String("path") ?? "" };
        (bool allowed, string reason) = authorizer.Explain(wanted);
        var status = new JsonMap { { "allowed", allowed } };
        if (reason.Length > 0)
        {
            status.Append("reason", reason);
        }

        if (resource is not null && AccessReviewSelectors.EvaluationError(resource) is { Length: > 0 } error)
        {
            status.Append("evaluationError", error);
        }

        await AnswerAsync(request, definition, review, status);
    }

    /// <summary>SelfSubjectRulesReview.</summary>
    public async Task RulesAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = await ReadAsync(request, definition);
        string ns = review.MapAt("spec").String("namespace") ?? "";
        if (ns.Length == 0)
        {
            throw ApiException.BadRequest("no namespace on request");
        }

        var resources = new JsonList();
        var paths = new JsonList();
        foreach (PolicyRule rule in authorizer.Rbac.RulesOf(request.User, ns))
        {
            if (rule.Resources.Count > 0)
            {
                resources.Add(rule.ToJson());
            }

            if (rule.Paths.Count > 0)
            {
                paths.Add(new JsonMap { { "verbs", new JsonList(rule.Verbs) }, { "nonResourceURLs", new JsonList(rule.Paths) } });
            }
        }

        await AnswerAsync(request, definition, Blank(review), new JsonMap
        {
            { "resourceRules", resources },
            { "nonResourceRules", paths },
            { "incomplete", false },
        });
    }

    /// <summary>SelfSubjectReview.</summary>
    public async Task SelfAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = Blank(await ReadAsync(request, definition));
        review.MapAt("metadata")["creationTimestamp"] = ApiTime.Format(request.Now);
        await AnswerAsync(request, definition, review, new JsonMap { { "userInfo", User(request.User) } });
    }

    /// <summary>TokenReview.</summary>
    public async Task TokenAsync(ApiRequest request, ResourceDefinition definition)
    {
        JsonMap review = await ReadAsync(request, definition);
        JsonMap spec = review.MapAt("spec");
        string token = spec.String("token") ?? "";
        if (token.Length == 0)
        {
            throw ApiException.BadRequest("token is required for TokenReview in authentication");
        }

        List<string> audiences = [.. spec.List("audiences")?.Strings() ?? []];
        await AnswerAsync(
            request, definition, review,
            await StatusAsync(token, audiences.Count > 0 ? audiences : tokens.DefaultAudiences, request.Aborted));
    }

    /// <summary>Whose token it is. A static one names no audience: it is for this server.</summary>
    private async Task<JsonMap> StatusAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        string error = "invalid bearer token";
        if (staticTokens.Find(token) is { } known)
        {
            List<string> shared = [.. tokens.DefaultAudiences.Where(audiences.Contains)];
            if (shared.Count > 0)
            {
                return new JsonMap { { "authenticated", true }, { "user", User(known) }, { "audiences", new JsonList(shared) } };
            }
        }
        else
        {
            try
            {
                if (await tokens.FindAsync(token, audiences, cancellationToken) is { } found)
                {
                    return new JsonMap
                    {
                        { "authenticated", true },
                        { "user", User(found.User) },
                        { "audiences", new JsonList(found.Audiences) },
                    };
                }
            }
            catch (AuthenticationException e)
            {
                error = e.Message;
            }
        }

        return new JsonMap { { "user", new JsonMap() }, { "error", error } };
    }

    private async Task<JsonMap> ReadAsync(ApiRequest request, ResourceDefinition definition)
    {
        RequestBody.RequireType(request);
        byte[] body = await RequestBody.ReadAsync(request);
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        JsonMap review = writes.Decode(request, definition, options, body);
        JsonMap metadata = review.MapAt("metadata");
        foreach (string field in (string[])["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
        {
            metadata.Remove(field);
        }

        WriteEndpoint.EnsureNamespace(request, definition, metadata);
        if (!definition.Namespaced)
        {
            metadata.Remove("namespace");
        }

        OwnerReferences.DropDuplicates(request, review, admitted: false);
        writes.Fields(definition, "").Update(ObjectCodec.Empty(definition), review, options.FieldManager, ApiTime.Format(request.Now));
        return review;
    }

    private static Task AnswerAsync(ApiRequest request, ResourceDefinition definition, JsonMap review, JsonMap status)
    {
        review["status"] = status;
        Normalizer.Normalize(review, definition.Schema);
        return ObjectResponse.SendAsync(request, 201, review, ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    private static JsonMap User(UserInfo user)
    {
        var json = new JsonMap { { "username", user.Name } };
        if (user.Uid.Length > 0)
        {
            json.Append("uid", user.Uid);
        }

        if (user.Groups.Count > 0)
        {
            json.Append("groups", new JsonList(user.Groups));
        }

        if (user.Extra.Count > 0)
        {
            var extra = new JsonMap();
            foreach (var (key, values) in user.Extra)
            {
                extra.Append(key, new JsonList(values));
            }

            json.Append("extra", extra);
        }

        return json;
    }

    /// <summary>A review of which nothing that was sent comes back.</summary>
    private static JsonMap Blank(JsonMap review) => new()
    {
        { "kind", review["kind"] },
        { "apiVersion", review["apiVersion"] },
        { "metadata", new JsonMap() },
    };
}
