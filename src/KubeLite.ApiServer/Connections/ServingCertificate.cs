using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.Hosting;
using KubeLite.Hosting.Certificates;

namespace KubeLite.ApiServer.Connections;

/// <summary>The certificate that the server shows.</summary>
public static class ServingCertificate
{
    /// <summary>Loads the certificate of the options, or makes one that lives in memory where they name none.</summary>
    /// <exception cref="StartupException">The files can't be read.</exception>
    public static X509Certificate2 Load(ApiServerOptions options, ServiceNetwork network, TimeProvider time)
    {
        if (options.TlsCertificateFile.Length == 0)
        {
            using CertificateAuthority authority = CertificateAuthority.Create("kubelite-ephemeral", time);
            IssuedCertificate issued = authority.IssueServer(
                new CertificateSubject("kube-apiserver"),
                [
                    "localhost", "127.0.0.1", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                    "kubernetes.default.svc.cluster.local", network.First.ToString(), Peers.AdvertisedAddress.Of(options).ToString(),
                ]);
            return issued.Load();
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(
                options.TlsCertificateFile, options.TlsPrivateKeyFile.Length > 0 ? options.TlsPrivateKeyFile : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"--tls-cert-file {options.TlsCertificateFile}: {e.Message}", e);
        }
    }
}
