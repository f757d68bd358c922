using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.KubeConfigModels;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Reads the current context of a kubeconfig file (client-go <c>clientcmd</c>, config v1).</summary>
public static class Kubeconfig
{
    /// <summary>
    /// The connection that the file's current context describes. File names in it are relative to the file.
    /// </summary>
    /// <exception cref="KubeconfigException">The file is missing or malformed; the message names the setting.</exception>
    public static async Task<ApiClientOptions> LoadAsync(string path, string userAgent, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"The kubeconfig file {path} can't be read: {e.Message}");
        }
        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        return Parse(text, directory, userAgent);
    }

    /// <summary>As <see cref="LoadAsync"/>, from the file's text.</summary>
    /// <param name="yaml">The text of a kubeconfig file.</param>
    /// <param name="directory">What relative file names inside start from.</param>
    /// <param name="userAgent">Becomes <see cref="ApiClientOptions.UserAgent"/>.</param>
    /// <exception cref="KubeconfigException">The text is malformed or names something that it doesn't hold.</exception>
    public static ApiClientOptions Parse(string yaml, string directory, string userAgent)
    {
        K8SConfiguration config;
        try
        {
            config = KubernetesYaml.Deserialize<K8SConfiguration>(yaml) ?? throw new KubeconfigException("The kubeconfig is empty.");
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new KubeconfigException($"The kubeconfig isn't valid YAML: {e.Message}");
        }
        var context = Find(config.Contexts, c => c.Name == config.CurrentContext)?.ContextDetails
            ?? throw new KubeconfigException($"The kubeconfig's current-context '{config.CurrentContext}' isn't among its contexts.");
        var cluster = Find(config.Clusters, c => c.Name == context.Cluster)?.ClusterEndpoint
            ?? throw new KubeconfigException($"The kubeconfig's cluster '{context.Cluster}' isn't among its clusters.");
        var user = Find(config.Users, u => u.Name == context.User)?.UserCredentials;
        if (!Uri.TryCreate(cluster.Server, UriKind.Absolute, out var server))
        {
            throw new KubeconfigException($"The kubeconfig's server '{cluster.Server}' is not a URL.");
        }
        return new ApiClientOptions
        {
            Server = server,
            UserAgent = userAgent,
            InsecureSkipTlsVerify = cluster.SkipTlsVerify,
            TlsServerName = cluster.TlsServerName,
            CertificateAuthorities = Authorities(cluster, directory),
            ClientCertificate = user is null ? null : ClientCertificate(user, directory),
            BearerToken = user?.Token,
        };
    }

    private static X509Certificate2Collection? Authorities(ClusterEndpoint cluster, string directory)
    {
        var pem = Pem("certificate-authority", cluster.CertificateAuthorityData, cluster.CertificateAuthority, directory);
        if (pem is null)
        {
            return null;
        }
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }

    private static X509Certificate2? ClientCertificate(UserCredentials user, string directory)
    {
        var certificate = Pem("client-certificate", user.ClientCertificateData, user.ClientCertificate, directory);
        var key = Pem("client-key", user.ClientKeyData, user.ClientKey, directory);
        if (certificate is null || key is null)
        {
            return null;
        }
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new KubeconfigException($"The kubeconfig's client certificate and key don't fit: {e.Message}");
        }
    }

    private static string? Pem(string setting, string? data, string? file, string directory)
    {
        try
        {
            if (!string.IsNullOrEmpty(data))
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            return string.IsNullOrEmpty(file) ? null : File.ReadAllText(Resolve(directory, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new KubeconfigException($"The kubeconfig's {setting} can't be read: {e.Message}");
        }
    }

    private static string Resolve(string directory, string file) => Path.IsPathRooted(file) ? file : Path.Combine(directory, file);

    private static T? Find<T>(IEnumerable<T>? items, Func<T, bool> predicate) where T : class => items?.FirstOrDefault(predicate);
}
