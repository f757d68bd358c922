using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Hosting;
using KubeLite.Hosting.Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KubeLite.ApiServer.Authentication;

/// <summary>
/// Signs and checks tokens of service accounts, bound to an audience, a time and optionally a Pod, Secret or Node
/// (KEP-1205). A token is good as long as what it is bound to exists with the same uid.
/// </summary>
public sealed class ServiceAccountTokens
{
    /// <summary>
    /// The lifetime that the kubelet and the ServiceAccount admission ask for a Pod's own token: 3607 s tell it from others.
    /// </summary>
    private static readonly TimeSpan s_podLifetime = TimeSpan.FromSeconds((60 * 60) + 7);

    private static readonly TimeSpan s_extendedLifetime = TimeSpan.FromDays(365);

    /// <summary>How far clocks may differ, and how long after its deletion an object still vouches for tokens.</summary>
    private static readonly TimeSpan s_leeway = TimeSpan.FromMinutes(1);

    private const string Invalidated = "service account token has been invalidated";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SigningCredentials _signing;
    private readonly List<SecurityKey> _keys = [];
    private readonly string _issuer;
    private readonly IReadOnlyList<string> _audiences;
    private readonly ResourceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly bool _extends;

    /// <summary>Loads the keys that the options name; without a signing key one is made that lives as long as the server.</summary>
    /// <exception cref="StartupException">A key file can't be read.</exception>
    public ServiceAccountTokens(ApiServerOptions options, ResourceRegistry registry, TimeProvider time)
    {
        _issuer = options.ServiceAccountIssuer;
        _audiences = options.ApiAudiences.Count > 0 ? options.ApiAudiences : [options.ServiceAccountIssuer];
        _registry = registry;
        _extends = options.ExtendTokenExpiration;
        _time = time;
        SecurityKey signing = options.ServiceAccountSigningKeyFile.Length > 0
            ? AsSecurityKey(
                ServiceAccountKeys.Load("--service-account-signing-key-file", options.ServiceAccountSigningKeyFile, isPrivate: true)[0])
            : new RsaSecurityKey(RSA.Create(2048)) { KeyId = "ephemeral" };
        _signing = new SigningCredentials(signing, AlgorithmOf(signing));
        _keys.Add(signing);
        foreach (string file in options.ServiceAccountKeyFiles)
        {
            _keys.AddRange(ServiceAccountKeys.Load("--service-account-key-file", file).Select(AsSecurityKey));
        }
    }

    /// <summary>The issuer.</summary>
    public string Issuer => _issuer;

    /// <summary>The audiences of a token whose request names none.</summary>
    public IReadOnlyList<string> DefaultAudiences => _audiences;

    /// <summary>Signs a token. One of a Pod with the lifetime of a Pod's own token, for this server alone, is good for a year.</summary>
    /// <param name="account">The ServiceAccount.</param>
    /// <param name="audiences">For whom it is.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="bound">What it is bound to (Pod, Secret or Node) with name and uid; null for nothing.</param>
    /// <param name="node">The node of the Pod it is bound to, with name and uid; null for none.</param>
    public string Sign(
        JsonMap account, IReadOnlyList<string> audiences, TimeSpan lifetime, (string Kind, string Name, string Uid)? bound,
        (string Name, string Uid)? node)
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

        if (_extends && bound is { Kind: "Pod" } && lifetime == s_podLifetime && audiences.All(_audiences.Contains))
        {
            kubernetes["warnafter"] = now + (long)lifetime.TotalSeconds;
            lifetime = s_extendedLifetime;
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
    public async ValueTask<(UserInfo User, IReadOnlyList<string> Audiences)?> FindAsync(
        string token, IReadOnlyList<string>? audiences, CancellationToken cancellationToken)
    {
        if (!_handler.CanReadToken(token) || !TryRead(token, out JsonWebToken? read) || read.Issuer != _issuer)
        {
            return null;
        }

        TokenValidationResult result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = _issuer,
            IssuerSigningKeys = _keys,
            TryAllIssuerSigningKeys = true,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        if (!result.IsValid)
        {
            throw new AuthenticationException("go-jose/go-jose: error in cryptographic primitive");
        }

        IReadOnlyList<string> wanted = audiences ?? _audiences;
        List<string> shared = [.. read.Audiences.Where(wanted.Contains)];
        if (shared.Count == 0)
        {
            throw new AuthenticationException(
                $"token audiences {Quoted(read.Audiences)} is invalid for the target audiences {Quoted(wanted)}");
        }

        RequireTime(read);
        JsonMap claims = JsonReading.ReadMap(Encoding.UTF8.GetBytes(Base64UrlEncoder.Decode(read.EncodedPayload)));
        JsonMap kubernetes = claims.Map("kubernetes.io") ?? new JsonMap();
        string ns = kubernetes.String("namespace") ?? "", name = kubernetes.Map("serviceaccount")?.String("name") ?? "";
        string uid = kubernetes.Map("serviceaccount")?.String("uid") ?? "";
        await RequireAsync("serviceaccounts", ns, name, uid, cancellationToken);
        var extra = new Dictionary<string, IReadOnlyList<string>>();
        if (claims.String("jti") is { } id)
        {
            extra["authentication.kubernetes.io/credential-id"] = ["JTI=" + id];
        }

        foreach ((string kind, string resource, bool namespaced) in ((string, string, bool)[])
            [("secret", "secrets", true), ("pod", "pods", true), ("node", "nodes", false)])
        {
            if (kubernetes.Map(kind) is not { } bound)
            {
                continue;
            }

            if (kind != "node" || kubernetes.Map("pod") is null)
            {
                await RequireAsync(
                    resource, namespaced ? ns : "", bound.String("name") ?? "", bound.String("uid") ?? "", cancellationToken);
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
        return (user, shared);
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

    private void RequireTime(JsonWebToken token)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        if (token.ValidFrom > now + s_leeway)
        {
            throw new AuthenticationException("service account token is not valid yet");
        }

        if (token.ValidTo < now - s_leeway)
        {
            throw new AuthenticationException("service account token has expired");
        }

        if (token.IssuedAt > now + s_leeway)
        {
            throw new AuthenticationException("service account token is issued in the future");
        }
    }

    private async ValueTask RequireAsync(string resource, string ns, string name, string uid, CancellationToken cancellationToken)
    {
        bool account = resource == "serviceaccounts";
        JsonMap? metadata = (await _registry.FindAsync("", resource, ns, name, cancellationToken))?.MapAt("metadata");
        if (metadata is null)
        {
            throw new AuthenticationException(account ? ApiException.NotFound("", resource, name).Message : Invalidated);
        }

        if (metadata.String("uid") != uid)
        {
            (string what, string claim) = resource switch
            {
                "serviceaccounts" => ("service account", "claim"),
                "pods" => ("pod", "service account pod ref claim"),
                "secrets" => ("secret", "service account secret ref claim"),
                _ => ("node", "service account node ref claim"),
            };
            throw new AuthenticationException($"{what} UID ({metadata.String("uid")}) does not match {claim} ({uid})");
        }

        if (metadata.String("deletionTimestamp") is { } deleted && ApiTime.TryParse(deleted, out DateTimeOffset at)
            && at < _time.GetUtcNow() - s_leeway)
        {
            throw new AuthenticationException(account ? $"service account {ns}/{name} has been deleted" : Invalidated);
        }
    }

    private static string Quoted(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(FieldError.GoQuote))}]";

    private static SecurityKey AsSecurityKey(AsymmetricAlgorithm key)
    {
        string id = KeyId(key.ExportSubjectPublicKeyInfo());
        return key is ECDsa elliptic ? new ECDsaSecurityKey(elliptic) { KeyId = id } : new RsaSecurityKey((RSA)key) { KeyId = id };
    }

    private static string AlgorithmOf(SecurityKey key) => key switch
    {
        ECDsaSecurityKey { KeySize: 384 } => SecurityAlgorithms.EcdsaSha384,
        ECDsaSecurityKey { KeySize: 521 } => SecurityAlgorithms.EcdsaSha512,
        ECDsaSecurityKey => SecurityAlgorithms.EcdsaSha256,
        _ => SecurityAlgorithms.RsaSha256,
    };

    private static string KeyId(byte[] publicKey) => Base64UrlEncoder.Encode(SHA256.HashData(publicKey));
}
