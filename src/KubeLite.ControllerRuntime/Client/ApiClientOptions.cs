using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>How to reach an API server and as whom.</summary>
public sealed record ApiClientOptions
{
    /// <summary>The server's address, such as <c>https://127.0.0.1:6443</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The authorities that may have signed the server's certificate. Null: the machine's trust store.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>The client certificate with its private key. Null: none is presented.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>A bearer token. Null: none is sent, unless <see cref="BearerTokenFile"/> is set.</summary>
    public string? BearerToken { get; init; }

    /// <summary>A file with a bearer token, read again at most once a minute. Wins over <see cref="BearerToken"/>.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>The name the server's certificate must carry. Null: the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Accepts any server certificate. Default false; for tests only.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>Sent as <c>User-Agent</c>; its part before the slash becomes the field manager. Default <c>kubelite</c>.</summary>
    public string UserAgent { get; init; } = "kubelite";

    /// <summary>How long a request other than a watch may take. Default 60 seconds; must be above zero.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Requests are sent once this has completed, and fail as it does; waiting is no part of <see cref="RequestTimeout"/>. For a
    /// client in the process of the API server, which starts beside it. Null: at once.
    /// </summary>
    public Task? Serving { get; init; }

    /// <summary>
    /// Says how models of one's own are written and read, as <see cref="KubeJson.With"/> takes it. Null: by reflection, where the
    /// program allows it.
    /// </summary>
    public IJsonTypeInfoResolver? JsonTypes { get; init; }

    internal SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseCookies = false,
            UseProxy = false,
        };
        if (ClientCertificate is not null)
        {
            handler.SslOptions.ClientCertificates = [ClientCertificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => ClientCertificate;
        }
        if (TlsServerName is not null)
        {
            handler.SslOptions.TargetHost = TlsServerName;
        }
        if (InsecureSkipTlsVerify)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (CertificateAuthorities is { Count: > 0 })
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors);
        }
        return handler;
    }

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(CertificateAuthorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    }
}
