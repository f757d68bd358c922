using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Authentication;

/// <summary>Users by client certificate: the common name is the user, the organizations are the groups.</summary>
public sealed class ClientCertificates
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities = [];

    private ClientCertificates() { }

    /// <summary>True where certificates are taken at all.</summary>
    public bool Enabled => _authorities.Count > 0;

    /// <summary>The authorities' certificates in PEM; empty where there are none.</summary>
    public string AuthoritiesPem { get; private init; } = "";

    /// <summary>Reads the authorities; an empty name takes no certificates.</summary>
    /// <exception cref="StartupException">The file can't be read or holds no certificate.</exception>
    public static ClientCertificates Load(string file)
    {
        if (file.Length == 0)
        {
            return new ClientCertificates();
        }

        try
        {
            var certificates = new ClientCertificates { AuthoritiesPem = File.ReadAllText(file) };
            certificates._authorities.ImportFromPem(certificates.AuthoritiesPem);
            return certificates.Enabled ? certificates : throw new StartupException($"--client-ca-file {file}: no certificate in it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new StartupException($"--client-ca-file {file}: {e.Message}", e);
        }
    }

    /// <summary>The user of a certificate; null where it isn't of these authorities or not for clients.</summary>
    public UserInfo? Find(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        if (!chain.Build(certificate))
        {
            return null;
        }

        string name = "";
        var groups = new List<string>();
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue() ?? "";
                    break;
                case "2.5.4.10":
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        return name.Length == 0 ? null : new UserInfo(name, "", groups, UserInfo.NoExtra).AsAuthenticated();
    }
}
