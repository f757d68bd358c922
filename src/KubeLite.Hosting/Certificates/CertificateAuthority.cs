using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLite.Hosting.Certificates;

/// <summary>
/// A self-signed certificate authority on ECDSA P-256 that issues the certificates of a cluster. Thread-safe.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>How long an authority made here is valid: ten years, as kubeadm's.</summary>
    public static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);

    /// <summary>How long an issued certificate is valid: one year, as kubeadm's.</summary>
    public static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(365);

    /// <summary>An issued certificate is replaced when less than this is left: 90 days.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromDays(90);

    private static readonly TimeSpan s_clockSkew = TimeSpan.FromMinutes(5);
    private static readonly Oid s_serverAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid s_clientAuth = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 certificate, TimeProvider time)
    {
        _certificate = certificate;
        _time = time;
        CertificatePem = certificate.ExportCertificatePem();
    }

    /// <summary>The authority's own certificate, to be trusted by whoever meets its certificates.</summary>
    public string CertificatePem { get; }

    /// <summary>Makes a new authority in memory.</summary>
    /// <param name="commonName">The name it carries, for example <c>kubelite-ca</c>.</param>
    /// <param name="time">The clock for validity.</param>
    public static CertificateAuthority Create(string commonName, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(new CertificateSubject(commonName)), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new CertificateAuthority(request.CreateSelfSigned(now - s_clockSkew, now + AuthorityLifetime), time);
    }

    /// <summary>Loads the authority of two PEM files, or makes one and writes them (the key with mode 0600).</summary>
    /// <exception cref="StartupException">The files cannot be read or written, or the authority has expired.</exception>
    public static CertificateAuthority LoadOrCreate(string certificateFile, string keyFile, string commonName, TimeProvider time)
    {
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            var certificate = PemFiles.LoadPair(certificateFile, keyFile);
            if (certificate.NotAfter.ToUniversalTime() <= time.GetUtcNow().UtcDateTime)
            {
                certificate.Dispose();
                throw new StartupException(
                    $"the certificate authority {certificateFile} has expired: remove it and {keyFile} to have a new one made");
            }

            return new CertificateAuthority(certificate, time);
        }

        var authority = Create(commonName, time);
        using var key = authority._certificate.GetECDsaPrivateKey()!;
        PemFiles.WriteKey(keyFile, key.ExportPkcs8PrivateKeyPem());
        PemFiles.WriteCertificate(certificateFile, authority.CertificatePem);
        return authority;
    }

    /// <summary>Issues a serving certificate.</summary>
    /// <param name="subject">Whom it is for.</param>
    /// <param name="hosts">DNS names and IP addresses that it answers for; at least one.</param>
    public IssuedCertificate IssueServer(CertificateSubject subject, IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return Issue(subject, s_serverAuth, names.Build());
    }

    /// <summary>Issues a client certificate.</summary>
    public IssuedCertificate IssueClient(CertificateSubject subject) => Issue(subject, s_clientAuth, null);

    /// <summary>
    /// Keeps a serving certificate in two files: issues it when they are missing, near their end, of another authority, or do
    /// not name every host.
    /// </summary>
    /// <exception cref="StartupException">The files cannot be read or written.</exception>
    public IssuedCertificate EnsureServer(
        string certificateFile, string keyFile, CertificateSubject subject, IReadOnlyList<string> hosts) =>
        Ensure(certificateFile, keyFile, hosts, () => IssueServer(subject, hosts));

    /// <summary>Keeps a client certificate in two files: issues it when they are missing, near their end or of another authority.</summary>
    /// <exception cref="StartupException">The files cannot be read or written.</exception>
    public IssuedCertificate EnsureClient(string certificateFile, string keyFile, CertificateSubject subject) =>
        Ensure(certificateFile, keyFile, [], () => IssueClient(subject));

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private IssuedCertificate Ensure(
        string certificateFile, string keyFile, IReadOnlyList<string> hosts, Func<IssuedCertificate> issue)
    {
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            using var present = PemFiles.LoadPair(certificateFile, keyFile);
            if (IsGood(present, hosts))
            {
                return new IssuedCertificate(
                    File.ReadAllText(certificateFile).TrimEnd('\n'), File.ReadAllText(keyFile).TrimEnd('\n'));
            }
        }

        var issued = issue();
        PemFiles.WriteKey(keyFile, issued.PrivateKeyPem);
        PemFiles.WriteCertificate(certificateFile, issued.CertificatePem);
        return issued;
    }

    private bool IsGood(X509Certificate2 certificate, IReadOnlyList<string> hosts)
    {
        if (certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime < RenewBefore)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        if (!chain.Build(certificate))
        {
            return false;
        }

        foreach (var host in hosts)
        {
            if (!certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false))
            {
                return false;
            }
        }

        return true;
    }

    private IssuedCertificate Issue(CertificateSubject subject, Oid usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        var now = _time.GetUtcNow();
        var from = Later(now - s_clockSkew, new DateTimeOffset(_certificate.NotBefore));
        var to = Earlier(now + CertificateLifetime, new DateTimeOffset(_certificate.NotAfter));
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7f;
        serial[0] |= 0x01;
        using var certificate = request.Create(_certificate, from, to, serial);
        return new IssuedCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X500DistinguishedName Name(CertificateSubject subject)
    {
        var name = new X500DistinguishedNameBuilder();
        foreach (var organization in subject.Organizations)
        {
            name.AddOrganizationName(organization);
        }

        name.AddCommonName(subject.CommonName);
        return name.Build();
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
