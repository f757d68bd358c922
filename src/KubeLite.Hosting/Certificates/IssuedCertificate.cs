using System.Security.Cryptography.X509Certificates;

namespace KubeLite.Hosting.Certificates;

/// <summary>A certificate with its private key, as PEM.</summary>
/// <param name="CertificatePem">The certificate.</param>
/// <param name="PrivateKeyPem">The key, PKCS #8.</param>
public sealed record IssuedCertificate(string CertificatePem, string PrivateKeyPem)
{
    /// <summary>Loads the pair; the caller owns and disposes the result.</summary>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(CertificatePem, PrivateKeyPem);

    /// <summary>Names the type only: the key belongs in no log.</summary>
    public override string ToString() => nameof(IssuedCertificate);
}
