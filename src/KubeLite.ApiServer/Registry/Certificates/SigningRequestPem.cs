using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>Looks into the PEM texts of a certificate request (Kubernetes v1.36, <c>pkg/apis/certificates</c>).</summary>
internal static class SigningRequestPem
{
    private const string Request = "CERTIFICATE REQUEST", Certificate = "CERTIFICATE";
    private const string Rsa = "1.2.840.113549.1.1.1", EllipticCurve = "1.2.840.10045.2.1";

    /// <summary>What is wrong with a request; null where its key signed it.</summary>
    public static string? RequestFault(string pem)
    {
        if (PemBlocks.Of(pem).FirstOrDefault() is not { Label: Request } block)
        {
            return $"PEM block type must be {Request}";
        }

        string key;
        try
        {
            key = Load(block.Content, CertificateRequestLoadOptions.SkipSignatureValidation).PublicKey.Oid.Value ?? "";
        }
        catch (CryptographicException)
        {
            return "asn1: syntax error: data truncated";
        }

        // .NET checks no signature of other keys (Ed25519): such requests are taken as they are.
        if (key is not (Rsa or EllipticCurve))
        {
            return null;
        }

        try
        {
            Load(block.Content, CertificateRequestLoadOptions.Default);
            return null;
        }
        catch (CryptographicException)
        {
            return key == Rsa ? "crypto/rsa: verification error" : "x509: ECDSA verification failure";
        }
    }

    /// <summary>What is wrong with the chain of certificates that was signed; null where nothing is.</summary>
    public static string? ChainFault(string pem)
    {
        if (pem.Length == 0)
        {
            return null;
        }

        bool any = false;
        foreach (PemBlock block in PemBlocks.Of(pem))
        {
            any = true;
            string? fault = block switch
            {
                { Label: not Certificate } => $"only CERTIFICATE PEM blocks are allowed, found {FieldError.GoQuote(block.Label)}",
                { HasHeaders: true } => "no PEM block headers are permitted",
                { Content: [] } => "found CERTIFICATE PEM block containing 0 certificates",
                _ => IsCertificate(block) ? null : "x509: malformed certificate",
            };
            if (fault is not null)
            {
                return fault;
            }
        }

        return any ? null : "must contain at least one CERTIFICATE PEM block";
    }

    /// <summary>True where a block holds a certificate.</summary>
    public static bool IsCertificate(PemBlock block)
    {
        try
        {
            X509CertificateLoader.LoadCertificate(block.Content).Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static CertificateRequest Load(byte[] der, CertificateRequestLoadOptions options) =>
        CertificateRequest.LoadSigningRequest(
            der, HashAlgorithmName.SHA256, options | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions,
            RSASignaturePadding.Pkcs1);
}
