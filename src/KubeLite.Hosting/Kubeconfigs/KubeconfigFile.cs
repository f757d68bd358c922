using System.Text;
using System.Text.Json;
using KubeLite.Hosting.Certificates;

namespace KubeLite.Hosting.Kubeconfigs;

/// <summary>Writes kubeconfig files with one cluster, one user and one context, everything embedded.</summary>
public static class KubeconfigFile
{
    /// <summary>Writes the file with mode 0600.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="cluster">The name of the cluster entry; the context is called the same.</param>
    /// <param name="server">The URL of the API server.</param>
    /// <param name="authorityPem">The certificate authority to trust, PEM.</param>
    /// <param name="user">Whom the file speaks as.</param>
    /// <exception cref="StartupException">The file cannot be written.</exception>
    public static void Write(string path, string cluster, Uri server, string authorityPem, KubeconfigUser user) =>
        PemFiles.WriteKey(path, Render(cluster, server, authorityPem, user));

    /// <summary>The text that <see cref="Write"/> writes.</summary>
    public static string Render(string cluster, Uri server, string authorityPem, KubeconfigUser user)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: v1\nkind: Config\n");
        text.Append("clusters:\n- name: ").Append(Quote(cluster)).Append("\n  cluster:\n    server: ")
            .Append(Quote(server.GetLeftPart(UriPartial.Authority)))
            .Append("\n    certificate-authority-data: ").Append(Base64(authorityPem));
        text.Append("\nusers:\n- name: ").Append(Quote(user.Name)).Append("\n  user:");
        if (user.ClientCertificate is { } certificate)
        {
            text.Append("\n    client-certificate-data: ").Append(Base64(certificate.CertificatePem))
                .Append("\n    client-key-data: ").Append(Base64(certificate.PrivateKeyPem));
        }

        if (user.Token is { } token)
        {
            text.Append("\n    token: ").Append(Quote(token));
        }

        if (user is { ClientCertificate: null, Token: null })
        {
            text.Append(" {}");
        }

        text.Append("\ncontexts:\n- name: ").Append(Quote(cluster)).Append("\n  context:\n    cluster: ")
            .Append(Quote(cluster)).Append("\n    user: ").Append(Quote(user.Name));
        text.Append("\ncurrent-context: ").Append(Quote(cluster)).Append('\n');
        return text.ToString();
    }

    /// <summary>JSON strings are YAML strings, so quoting needs no rules of its own.</summary>
    private static string Quote(string value) => "\"" + JsonEncodedText.Encode(value) + "\"";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
