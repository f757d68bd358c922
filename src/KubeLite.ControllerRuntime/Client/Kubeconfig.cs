using System.Security.Cryptography.X509Certificates;
using System.Text;

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
        var config = KubeconfigSection.Parse(yaml);
        var current = config.Text("current-context");
        var context = config.Named("contexts", current)?.Section("context")
            ?? throw new KubeconfigException($"The kubeconfig's current-context '{current}' isn't among its contexts.");
        var cluster = config.Named("clusters", context.Text("cluster"))?.Section("cluster")
            ?? throw new KubeconfigException($"The kubeconfig's cluster '{context.Text("cluster")}' isn't among its clusters.");
        var user = config.Named("users", context.Text("user"))?.Section("user");
        if (!Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server))
        {
            throw new KubeconfigException($"The kubeconfig's server '{cluster.Text("server")}' is not a URL.");
        }
        return new ApiClientOptions
        {
            Server = server,
            UserAgent = userAgent,
            InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            CertificateAuthorities = Authorities(cluster, directory),
            ClientCertificate = user is null ? null : ClientCertificate(user, directory),
            BearerToken = user?.Text("token"),
        };
    }

    private static X509Certificate2Collection? Authorities(KubeconfigSection cluster, string directory)
    {
        var pem = Pem(cluster, "certificate-authority", directory);
        if (pem is null)
        {
            return null;
        }
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }

    private static X509Certificate2? ClientCertificate(KubeconfigSection user, string directory)
    {
        var certificate = Pem(user, "client-certificate", directory);
        var key = Pem(user, "client-key", directory);
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

    // The setting holds a file's name; with "-data" behind its name it holds the file's content.
    private static string? Pem(KubeconfigSection section, string setting, string directory)
    {
        try
        {
            if (section.Text(setting + "-data") is { Length: > 0 } data)
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            return section.Text(setting) is { Length: > 0 } file ? File.ReadAllText(Resolve(directory, file)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new KubeconfigException($"The kubeconfig's {setting} can't be read: {e.Message}");
        }
    }

    private static string Resolve(string directory, string file) => Path.IsPathRooted(file) ? file : Path.Combine(directory, file);
}
