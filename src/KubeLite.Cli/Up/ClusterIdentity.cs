using System.Security.Cryptography.X509Certificates;
using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting.Certificates;
using KubeLite.Hosting.Kubeconfigs;

namespace KubeLite.Cli.Up;

/// <summary>One of those who speak to the API server: a client certificate and a kubeconfig file with it.</summary>
/// <param name="Certificate">The client certificate.</param>
/// <param name="Kubeconfig">The kubeconfig.</param>
public sealed record ClusterIdentity(IssuedCertificate Certificate, string Kubeconfig)
{
    /// <summary>Makes the certificate, or keeps a good one, and writes the kubeconfig.</summary>
    public static ClusterIdentity Ensure(
        DataFolder folder, CertificateAuthority authority, Uri server, string name, CertificateSubject subject)
    {
        var certificate = authority.EnsureClient(folder.File("pki", name + ".crt"), folder.File("pki", name + ".key"), subject);
        var file = folder.File(name + ".kubeconfig");
        KubeconfigFile.Write(
            file, "kubelite", server, authority.CertificatePem,
            new KubeconfigUser(subject.CommonName) { ClientCertificate = certificate });
        return new ClusterIdentity(certificate, file);
    }

    /// <summary>How a client in this process speaks as this identity.</summary>
    public ApiClientOptions Client(Uri server, X509Certificate2Collection authorities, string userAgent) => new()
    {
        Server = server,
        CertificateAuthorities = authorities,
        ClientCertificate = Certificate.Load(),
        UserAgent = userAgent,
    };
}
