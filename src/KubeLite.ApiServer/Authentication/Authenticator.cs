using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Connections.Features;

namespace KubeLite.ApiServer.Authentication;

/// <summary>Finds out who sends a request: by client certificate, static token or service account token.</summary>
public sealed class Authenticator(
    ClientCertificates certificates, StaticTokens tokens, ServiceAccountTokens serviceAccounts, ApiServerOptions options)
{
    private static readonly object s_certificateUser = new();

    /// <summary>The user of a request.</summary>
    /// <exception cref="ApiException">401: there are no credentials, or they are no good.</exception>
    public async ValueTask<UserInfo> AuthenticateAsync(ApiRequest request)
    {
        if (certificates.Enabled && FromCertificate(request) is { } user)
        {
            return user;
        }

        string header = request.Http.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            string token = header[7..].Trim();
            if (tokens.Find(token) is { } known)
            {
                return known;
            }

            try
            {
                return (await serviceAccounts.FindAsync(token, null, request.Aborted))?.User ?? throw Unauthorized();
            }
            catch (AuthenticationException)
            {
                throw Unauthorized();
            }
        }

        return header.Length == 0 && (options.AnonymousAuth || IsOpen(request.Info.Path)) ? UserInfo.Anonymous : throw Unauthorized();
    }

    /// <summary>True for the paths that anyone may read: health and version.</summary>
    public static bool IsOpen(string path) =>
        path is "/version" or "/version/" or "/healthz" or "/livez" or "/readyz" ||
        path.StartsWith("/healthz/", StringComparison.Ordinal) || path.StartsWith("/livez/", StringComparison.Ordinal)
            || path.StartsWith("/readyz/", StringComparison.Ordinal);

    private UserInfo? FromCertificate(ApiRequest request)
    {
        if (request.Http.Connection.ClientCertificate is not { } certificate)
        {
            return null;
        }

        // A chain is built once for a connection, not for each request on it; the first requests come at once.
        if (request.Http.Features.Get<IConnectionItemsFeature>()?.Items is not { } items)
        {
            return certificates.Find(certificate);
        }

        lock (items)
        {
            if (!items.TryGetValue(s_certificateUser, out object? user))
            {
                items[s_certificateUser] = user = certificates.Find(certificate);
            }

            return user as UserInfo;
        }
    }

    private static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");
}
