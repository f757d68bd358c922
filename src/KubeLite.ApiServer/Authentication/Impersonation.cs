using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Authentication;

/// <summary>Acting as someone else: the Impersonate-* headers, for those who may.</summary>
public sealed class Impersonation(Authorizer authorizer)
{
    private const string ExtraPrefix = "Impersonate-Extra-";

    /// <summary>The user as whom a request acts: its sender where there are no such headers.</summary>
    /// <exception cref="ApiMachinery.Errors.ApiException">403: the sender may not, or groups stand without a user.</exception>
    public UserInfo Apply(ApiRequest request)
    {
        IHeaderDictionary headers = request.Http.Request.Headers;
        string name = headers["Impersonate-User"].ToString();
        string[] groups = [.. headers["Impersonate-Group"].OfType<string>()];
        string uid = headers["Impersonate-Uid"].ToString();
        var extra = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (key, values) in headers)
        {
            if (key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            {
                extra[Uri.UnescapeDataString(key[ExtraPrefix.Length..].ToLowerInvariant())] = [.. values.OfType<string>()];
            }
        }

        if (name.Length == 0)
        {
            if (groups.Length > 0 || uid.Length > 0 || extra.Count > 0)
            {
                throw new ApiMachinery.Errors.ApiException(500, "InternalError",
                    "Internal error occurred: requested without impersonating a user name", new("", "", "") { Causes = [new("", "requested without impersonating a user name", "")] });
            }

            return request.User;
        }

        string[] account = name.Split(':');
        bool isAccount = account.Length == 4 && account[0] == "system" && account[1] == "serviceaccount";
        authorizer.Require(isAccount
            ? new AuthorizationAttributes(request.User, "impersonate") { Resource = "serviceaccounts", Namespace = account[2], Name = account[3] }
            : new AuthorizationAttributes(request.User, "impersonate") { Resource = "users", Name = name });
        foreach (string group in groups)
        {
            authorizer.Require(new AuthorizationAttributes(request.User, "impersonate") { Resource = "groups", Name = group });
        }

        if (uid.Length > 0)
        {
            authorizer.Require(new AuthorizationAttributes(request.User, "impersonate") { Group = "authentication.k8s.io", Resource = "uids", Name = uid });
        }

        foreach (var (key, values) in extra)
        {
            foreach (string value in values)
            {
                authorizer.Require(new AuthorizationAttributes(request.User, "impersonate") { Group = "authentication.k8s.io", Resource = "userextras", Subresource = key, Name = value });
            }
        }

        IReadOnlyList<string> all = isAccount && groups.Length == 0 ? ["system:serviceaccounts", $"system:serviceaccounts:{account[2]}"] : groups;
        var user = new UserInfo(name, uid, all, extra);
        return name == UserInfo.Anonymous.Name
            ? user with { Groups = [.. all, UserInfo.Unauthenticated] }
            : user.In(UserInfo.Unauthenticated) ? user : user.AsAuthenticated();
    }
}
