using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting.Certificates;

namespace KubeLite.Cli.Up;

/// <summary>Every key, certificate and kubeconfig of a cluster; made with the first <c>up</c>, renewed when near their end.</summary>
public sealed class ClusterCredentials
{
    private ClusterCredentials(DataFolder folder) => Folder = folder;

    /// <summary>Where they are.</summary>
    public DataFolder Folder { get; }

    /// <summary>The authority's certificate, to be trusted.</summary>
    public string AuthorityFile => Folder.File("pki", "ca.crt");

    /// <summary>The authority's key.</summary>
    public string AuthorityKeyFile => Folder.File("pki", "ca.key");

    /// <summary>The API server's serving certificate.</summary>
    public string ServerFile => Folder.File("pki", "apiserver.crt");

    /// <summary>The key of the API server's serving certificate.</summary>
    public string ServerKeyFile => Folder.File("pki", "apiserver.key");

    /// <summary>The kubelet's serving certificate.</summary>
    public string KubeletFile => Folder.File("pki", "kubelet.crt");

    /// <summary>The key of the kubelet's serving certificate.</summary>
    public string KubeletKeyFile => Folder.File("pki", "kubelet.key");

    /// <summary>What the API server shows to kubelets.</summary>
    public string KubeletClientFile => Folder.File("pki", "apiserver-kubelet-client.crt");

    /// <summary>The key of what the API server shows to kubelets.</summary>
    public string KubeletClientKeyFile => Folder.File("pki", "apiserver-kubelet-client.key");

    /// <summary>Signs service account tokens.</summary>
    public string AccountKeyFile => Folder.File("pki", "sa.key");

    /// <summary>Checks service account tokens.</summary>
    public string AccountPublicKeyFile => Folder.File("pki", "sa.pub");

    /// <summary>The person who started the cluster.</summary>
    public required ClusterIdentity Admin { get; init; }

    /// <summary>The scheduler.</summary>
    public required ClusterIdentity Scheduler { get; init; }

    /// <summary>The controller manager.</summary>
    public required ClusterIdentity ControllerManager { get; init; }

    /// <summary>The simulated nodes.</summary>
    public required ClusterIdentity Nodes { get; init; }

    /// <summary>The authority, as clients take it.</summary>
    public required X509Certificate2Collection Authorities { get; init; }

    /// <summary>Makes what is missing or too old.</summary>
    /// <exception cref="Hosting.StartupException">A file cannot be read or written.</exception>
    public static ClusterCredentials Ensure(DataFolder folder, UpOptions options, TimeProvider time)
    {
        using var authority = CertificateAuthority.LoadOrCreate(
            folder.File("pki", "ca.crt"), folder.File("pki", "ca.key"), "kubelite-ca", time);
        ClusterIdentity Identity(string name, CertificateSubject subject) =>
            ClusterIdentity.Ensure(folder, authority, options.Server, name, subject);
        var credentials = new ClusterCredentials(folder)
        {
            Admin = Identity("admin", new CertificateSubject("kubelite-admin", "system:masters")),
            Scheduler = Identity("scheduler", new CertificateSubject("system:kube-scheduler")),
            ControllerManager = Identity("controller-manager", new CertificateSubject("system:kube-controller-manager")),
            Nodes = Identity("nodes", new CertificateSubject(SimulatedNodesAccess.User)),
            Authorities = [X509Certificate2.CreateFromPem(authority.CertificatePem)],
        };
        authority.EnsureServer(
            credentials.ServerFile, credentials.ServerKeyFile, new CertificateSubject("kube-apiserver"), ServerNames());
        authority.EnsureServer(
            credentials.KubeletFile, credentials.KubeletKeyFile, new CertificateSubject("kubelet"), ["localhost", "127.0.0.1"]);
        authority.EnsureClient(
            credentials.KubeletClientFile, credentials.KubeletClientKeyFile,
            new CertificateSubject("kube-apiserver-kubelet-client", "system:masters"));
        ServiceAccountKeys.EnsureFiles(
            credentials.AccountKeyFile, credentials.AccountPublicKeyFile, SigningKeyAlgorithm.EcdsaP256);
        return credentials;
    }

    /// <summary>10.96.0.1 is the first address of the default service range, by which Pods reach the API server.</summary>
    private static List<string> ServerNames()
    {
        var names = new List<string>
        {
            "localhost", "127.0.0.1", "::1", "10.96.0.1", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        };
        var host = Dns.GetHostName();
        if (Uri.CheckHostName(host) == UriHostNameType.Dns && !names.Contains(host))
        {
            names.Add(host);
        }

        return names;
    }
}
