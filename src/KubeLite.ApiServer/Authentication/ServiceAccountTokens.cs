using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KubeLite.ApiServer.Authentication;

/// <summary>
/// Signs and checks tokens of service accounts, bound to an audience, a time and optionally a Pod, Secret or Node
/// (KEP-1205). A token is good as long as what it is bound to exists with the same uid.
/// </summary>
public sealed class ServiceAccountTokens
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SigningCredentials _signing;
    private readonly List<SecurityKey> _keys = [];
    private readonly string _issuer;
    private readonly IReadOnlyList<string> _audiences;
    private readonly ResourceRegistry _registry;
    private readonly TimeProvider _time;

    /// <summary>Loads the keys that the options name; without a signing key one is made that lives as long as the server.</summary>
    /// <exception cref="StartupException">A key file can't be read.</exception>
    public ServiceAccountTokens(ApiServerOptions options, ResourceRegistry registry, TimeProvider time)
    {
        _issuer = options.ServiceAccountIssuer;
        _audiences = options.ApiAudiences.Count > 0 ? options.ApiAudiences : [options.ServiceAccountIssuer];
        _registry = registry;
        _time = time;
        SecurityKey signing = options.ServiceAccountSigningKeyFile.Length > 0
            ? Load("--service-account-signing-key-file", options.ServiceAccountSigningKeyFile)
            : new RsaSecurityKey(RSA.Create(2048)) { KeyId = "ephemeral" };
        _signing = new SigningCredentials(signing, signing is RsaSecurityKey ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256);
        _keys.Add(signing);
        foreach (string file in options.ServiceAccountKeyFiles)
        {
            _keys.Add(Load("--service-account-key-file", file));
        }
    }

    /// <summary>The issuer.</summary>
    public string Issuer => _issuer;

    /// <summary>The audiences of a token whose request names none.</summary>
    public IReadOnlyList<string> DefaultAudiences => _audiences;

    /// <summary>Signs a token.</summary>
    /// <param name="account">The ServiceAccount.</param>
    /// <param name="audiences">For whom it is.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="bound">What it is bound to (Pod, Secret or Node) with name and uid; null for nothing.</param>
    /// <param name="node">The node of the Pod it is bound to, with name and uid; null for none.</param>
    public string Sign(JsonMap account, IReadOnlyList<string> audiences, TimeSpan lifetime, (string Kind, string Name, string Uid)? bound, (string Name, string Uid)? node)
    {
        JsonMap metadata = account.Map("metadata")!;
        string ns = metadata.String("namespace")!, name = metadata.String("name")!;
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        var kubernetes = new Dictionary<string, object>
        {
            ["namespace"] = ns,
            ["serviceaccount"] = new Dictionary<string, object> { ["name"] = name, ["uid"] = metadata.String("uid")! },
        };
        if (bound is { } to)
        {
            kubernetes[to.Kind.ToLowerInvariant()] = new Dictionary<string, object> { ["name"] = to.Name, ["uid"] = to.Uid };
        }

        if (node is { } on)
        {
            kubernetes["node"] = new Dictionary<string, object> { ["name"] = on.Name, ["uid"] = on.Uid };
        }

        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            SigningCredentials = _signing,
            Claims = new Dictionary<string, object>
            {
                ["iss"] = _issuer,
                ["sub"] = $"system:serviceaccount:{ns}:{name}",
                ["aud"] = audiences.ToArray(),
                ["iat"] = now,
                ["nbf"] = now,
                ["exp"] = now + (long)lifetime.TotalSeconds,
                ["jti"] = Guid.NewGuid().ToString(),
                ["kubernetes.io"] = kubernetes,
            },
        });
    }

    /// <summary>The user of a token; null where it is no token of this issuer.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audiences">For whom it must be; null for this server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AuthenticationException">It is one of this issuer's, but no longer good.</exception>
    public async ValueTask<(UserInfo User, IReadOnlyList<string> Audiences)?> FindAsync(string token, IReadOnlyList<string>? audiences, CancellationToken cancellationToken)
    {
        if (!_handler.CanReadToken(token) || !TryRead(token, out JsonWebToken? read) || read.Issuer != _issuer)
        {
            return null;
        }

        IReadOnlyList<string> wanted = audiences ?? _audiences;
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = _issuer,
            IssuerSigningKeys = _keys,
            TryAllIssuerSigningKeys = true,
            ValidAudiences = wanted,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (notBefore, expires, _, _) =>
                _time.GetUtcNow().UtcDateTime is var now && (notBefore is null || notBefore <= now.AddSeconds(60)) && expires > now,
        });
        if (!result.IsValid)
        {
            throw new AuthenticationException(result.Exception?.Message ?? "invalid bearer token");
        }

        JsonMap claims = JsonReading.ReadMap(Encoding.UTF8.GetBytes(Base64UrlEncoder.Decode(read.EncodedPayload)));
        JsonMap kubernetes = claims.Map("kubernetes.io") ?? new JsonMap();
        string ns = kubernetes.String("namespace") ?? "", name = kubernetes.Map("serviceaccount")?.String("name") ?? "";
        string uid = kubernetes.Map("serviceaccount")?.String("uid") ?? "";
        await RequireAsync("", "serviceaccounts", ns, name, uid, cancellationToken);
        var extra = new Dictionary<string, IReadOnlyList<string>>();
        if (claims.String("jti") is { } id)
        {
            extra["authentication.kubernetes.io/credential-id"] = ["JTI=" + id];
        }

        foreach ((string kind, string resource, bool namespaced) in ((string, string, bool)[])[("pod", "pods", true), ("secret", "secrets", true), ("node", "nodes", false)])
        {
            if (kubernetes.Map(kind) is not { } bound)
            {
                continue;
            }

            if (kind != "node" || kubernetes.Map("pod") is null)
            {
                await RequireAsync("", resource, namespaced ? ns : "", bound.String("name") ?? "", bound.String("uid") ?? "", cancellationToken);
            }

            if (kind is "pod" or "node")
            {
                extra[$"authentication.kubernetes.io/{kind}-name"] = [bound.String("name") ?? ""];
                extra[$"authentication.kubernetes.io/{kind}-uid"] = [bound.String("uid") ?? ""];
            }
        }

        var user = new UserInfo(
            $"system:serviceaccount:{ns}:{name}", uid,
            ["system:serviceaccounts", $"system:serviceaccounts:{ns}", UserInfo.Authenticated], extra);
        return (user, [.. read.Audiences.Where(wanted.Contains)]);
    }

    private static bool TryRead(string token, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonWebToken? read)
    {
        try
        {
            read = new JsonWebToken(token);
            return true;
        }
        catch (ArgumentException)
        {
            read = null;
            return false;
        }
    }

    private async ValueTask RequireAsync(string group, string resource, string ns, string name, string uid, CancellationToken cancellationToken)
    {
        JsonMap? found = await _registry.FindAsync(group, resource, ns, name, cancellationToken);
        if (found?.Map("metadata")?.String("uid") != uid)
        {
            throw new AuthenticationException(string.Create(CultureInfo.InvariantCulture, $"{resource} {ns}/{name} of the token is gone"));
        }
    }

    private static SecurityKey Load(string flag, string file)
    {
        try
        {
            string pem = File.ReadAllText(file);
            if (pem.Contains("EC PRIVATE KEY", StringComparison.Ordinal))
            {
                var ec = ECDsa.Create();
                ec.ImportFromPem(pem);
                return new ECDsaSecurityKey(ec) { KeyId = KeyId(ec.ExportSubjectPublicKeyInfo()) };
            }

            try
            {
                var rsa = RSA.Create();
                rsa.ImportFromPem(pem);
                return new RsaSecurityKey(rsa) { KeyId = KeyId(rsa.ExportSubjectPublicKeyInfo()) };
            }
            catch (CryptographicException)
            {
                var ec = ECDsa.Create();
                ec.ImportFromPem(pem);
                return new ECDsaSecurityKey(ec) { KeyId = KeyId(ec.ExportSubjectPublicKeyInfo()) };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException($"{flag} {file}: {e.Message}", e);
        }
    }

    private static string KeyId(byte[] publicKey) => Base64UrlEncoder.Encode(SHA256.HashData(publicKey));
}
