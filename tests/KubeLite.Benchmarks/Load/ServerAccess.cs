using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace KubeLite.Benchmarks.Load;

/// <summary>Where a server is, and as whom it is spoken to.</summary>
/// <param name="Server">Its URL.</param>
/// <param name="Token">The bearer token; empty for none.</param>
public sealed record ServerAccess(Uri Server, string Token)
{
    /// <summary>Who may have signed the server's certificate; null where any certificate is taken.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The client's certificate; null for none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>A server whose certificate isn't looked at.</summary>
    public static ServerAccess Any(Uri server, string token) => new(server, token);

    /// <summary>What a kubeconfig's current context says.</summary>
    public static ServerAccess Of(FileInfo kubeconfig)
    {
        KubernetesClientConfiguration read = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        return new ServerAccess(new Uri(read.Host), read.AccessToken ?? "")
        {
            Authorities = read.SkipTlsVerify ? null : read.SslCaCerts,
            Certificate = CertificateOf(read),
        };
    }

    /// <summary>Sets up the TLS of a connection.</summary>
    public void Apply(SslClientAuthenticationOptions tls)
    {
        if (Authorities is null)
        {
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else
        {
            tls.CertificateChainPolicy =
                new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }

        if (Certificate is not null)
        {
            tls.ClientCertificates = [Certificate];
        }
    }

    private static X509Certificate2? CertificateOf(KubernetesClientConfiguration read)
    {
        string? certificate = Pem(read.ClientCertificateData, read.ClientCertificateFilePath);
        string? key = Pem(read.ClientCertificateKeyData, read.ClientKeyFilePath);
        return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
    }

    private static string? Pem(string? base64, string? file) => !string.IsNullOrEmpty(base64)
        ? Encoding.UTF8.GetString(Convert.FromBase64String(base64))
        : string.IsNullOrEmpty(file) ? null : File.ReadAllText(file);
}
