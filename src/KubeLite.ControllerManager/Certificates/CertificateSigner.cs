using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using KubeLite.Hosting;

namespace KubeLite.ControllerManager.Certificates;

/// <summary>Signs certificate requests with the cluster's authority. Holds its key until disposed.</summary>
internal sealed class CertificateSigner : IDisposable
{
    private const string SubjectAlternativeName = "2.5.29.17";

    private readonly X509Certificate2 _authority;
    private readonly TimeSpan _longest;

    private CertificateSigner(X509Certificate2 authority, TimeSpan longest)
    {
        _authority = authority;
        _longest = longest;
    }

    /// <exception cref="StartupException">The files hold no certificate with its key.</exception>
    internal static CertificateSigner Load(string certificateFile, string keyFile, TimeSpan longest)
    {
        try
        {
            return new CertificateSigner(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), longest);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException(
                $"--cluster-signing-cert-file {certificateFile} and --cluster-signing-key-file {keyFile} can't be used: {e.Message}", e);
        }
    }

    /// <summary>Reads the request of a CertificateSigningRequest.</summary>
    /// <exception cref="CryptographicException">It isn't a PEM request, or its signature is wrong.</exception>
    internal static CertificateRequest Read(V1CertificateSigningRequest request) => CertificateRequest.LoadSigningRequestPem(
        Encoding.ASCII.GetString(request.Spec.Request), HashAlgorithmName.SHA256,
        CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);

    /// <summary>The signed certificate, PEM. The request's names are kept, other extensions follow from its usages.</summary>
    internal byte[] Sign(V1CertificateSigningRequest request, DateTime now)
    {
        var asked = Read(request);
        var issued = new CertificateRequest(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        issued.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        issued.CertificateExtensions.Add(new X509KeyUsageExtension(KeyUsages(request.Spec.Usages), true));
        var extended = new OidCollection();
        foreach (var usage in request.Spec.Usages ?? [])
        {
            if (usage is "client auth" or "server auth")
            {
                extended.Add(new Oid(usage == "client auth" ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1"));
            }
        }
        if (extended.Count > 0)
        {
            issued.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(extended, false));
        }
        foreach (var extension in asked.CertificateExtensions)
        {
            if (extension.Oid?.Value == SubjectAlternativeName)
            {
                issued.CertificateExtensions.Add(extension);
            }
        }
        var life = request.Spec.ExpirationSeconds is { } seconds && TimeSpan.FromSeconds(seconds) < _longest
            ? TimeSpan.FromSeconds(seconds)
            : _longest;
        // Clocks of nodes may be a little behind.
        var notBefore = new DateTimeOffset(now.AddMinutes(-5), TimeSpan.Zero);
        var notAfter = new DateTimeOffset(now + life, TimeSpan.Zero);
        notBefore = notBefore < _authority.NotBefore ? _authority.NotBefore : notBefore;
        notAfter = notAfter > _authority.NotAfter ? _authority.NotAfter : notAfter;
        var generator = _authority.GetRSAPrivateKey() is { } rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa(
                _authority.GetECDsaPrivateKey() ?? throw new CryptographicException("The authority's key is neither RSA nor elliptic."));
        using var certificate = issued.Create(_authority.SubjectName, generator, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
    }

    public void Dispose() => _authority.Dispose();

    private static X509KeyUsageFlags KeyUsages(IList<string>? usages)
    {
        var flags = X509KeyUsageFlags.None;
        foreach (var usage in usages ?? [])
        {
            flags |= usage switch
            {
                "digital signature" or "signing" => X509KeyUsageFlags.DigitalSignature,
                "key encipherment" => X509KeyUsageFlags.KeyEncipherment,
                "key agreement" => X509KeyUsageFlags.KeyAgreement,
                "data encipherment" => X509KeyUsageFlags.DataEncipherment,
                _ => X509KeyUsageFlags.None,
            };
        }
        return flags;
    }
}
