using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Certificates;

namespace KubeLite.ApiServer.Registry.Core.Secrets;

/// <summary>
/// Whether the certificate and the key of a TLS secret belong together, in the words of Go's <c>tls.X509KeyPair</c>, of which
/// Kubernetes v1.36 warns (<c>pkg/registry/core/secret</c>).
/// </summary>
internal static class TlsPair
{
    private const string Certificate = "CERTIFICATE";
    private const string PrivateKey = "PRIVATE KEY";
    private const string RsaOid = "1.2.840.113549.1.1.1";
    private const string EcOid = "1.2.840.10045.2.1";
    private const string Ed25519Oid = "1.3.101.112";

    /// <summary>The first fault of a pair; null where there is none.</summary>
    public static string? Fault(JsonMap? data)
    {
        List<PemBlock> certificates = [.. PemBlocks.Of(PemBlocks.Bytes(data?.String("tls.crt")))];
        PemBlock? leaf = certificates.Find(b => b.Label == Certificate);
        if (leaf is null)
        {
            return NoCertificate(certificates);
        }

        List<PemBlock> keys = [.. PemBlocks.Of(PemBlocks.Bytes(data?.String("tls.key")))];
        PemBlock? key = keys.Find(b => b.Label == PrivateKey || b.Label.EndsWith(" " + PrivateKey, StringComparison.Ordinal));
        return key is null ? NoKey(keys) : Mismatch(leaf.Content, key.Content);
    }

    private static string NoCertificate(List<PemBlock> blocks) => blocks switch
    {
        [] => "tls: failed to find any PEM data in certificate input",
        [var only] when only.Label.EndsWith(PrivateKey, StringComparison.Ordinal) =>
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
        _ => "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: " +
            Labels(blocks),
    };

    private static string NoKey(List<PemBlock> blocks) => blocks switch
    {
        [] => "tls: failed to find any PEM data in key input",
        [{ Label: Certificate }] => "tls: found a certificate rather than a key in the PEM for the private key",
        _ =>
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: " +
                Labels(blocks),
    };

    private static string Labels(List<PemBlock> blocks) => $"[{string.Join(' ', blocks.Select(b => b.Label))}]";

    private static string? Mismatch(byte[] certificate, byte[] key)
    {
        PublicKey shown;
        try
        {
            using X509Certificate2 parsed = X509CertificateLoader.LoadCertificate(certificate);
            shown = parsed.PublicKey;
        }
        catch (CryptographicException)
        {
            return "x509: malformed certificate";
        }

        if (shown.Oid.Value == Ed25519Oid)
        {
            // .NET knows no keys of this kind: nothing is said of them.
            return null;
        }

        using AsymmetricAlgorithm? own = Parse(key);
        return own switch
        {
            null => "tls: failed to parse private key",
            _ when shown.Oid.Value is not (RsaOid or EcOid) => "tls: unknown public key algorithm",
            RSA when shown.Oid.Value == EcOid => "tls: private key type does not match public key type",
            ECDsa when shown.Oid.Value == RsaOid => "tls: private key type does not match public key type",
            _ when !own.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(shown.ExportSubjectPublicKeyInfo()) =>
                "tls: private key does not match public key",
            _ => null,
        };
    }

    /// <summary>The key of PKCS #1, PKCS #8 or SEC 1; null where it is none of these.</summary>
    private static AsymmetricAlgorithm? Parse(byte[] key) =>
        Import(RSA.Create(), rsa => rsa.ImportRSAPrivateKey(key, out _)) ??
        Import(RSA.Create(), rsa => rsa.ImportPkcs8PrivateKey(key, out _)) ??
        Import(ECDsa.Create(), ec => ec.ImportPkcs8PrivateKey(key, out _)) ??
        Import(ECDsa.Create(), ec => ec.ImportECPrivateKey(key, out _));

    private static AsymmetricAlgorithm? Import<T>(T algorithm, Action<T> import)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(algorithm);
            return algorithm;
        }
        catch (CryptographicException)
        {
            algorithm.Dispose();
            return null;
        }
    }
}
