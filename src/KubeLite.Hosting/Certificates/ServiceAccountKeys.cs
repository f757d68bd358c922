using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLite.Hosting.Certificates;

/// <summary>The key pair that service account tokens are signed and verified with.</summary>
public static class ServiceAccountKeys
{
    /// <summary>id-ecPublicKey (RFC 5480).</summary>
    private const string EllipticKey = "1.2.840.10045.2.1";

    /// <summary>
    /// Leaves the pair of two files as it is, or makes one: the private key (PKCS #8, mode 0600) and the public key, which
    /// <c>--service-account-signing-key-file</c> and <c>--service-account-key-file</c> name.
    /// </summary>
    /// <exception cref="StartupException">The files cannot be written.</exception>
    public static void EnsureFiles(string privateKeyFile, string publicKeyFile, SigningKeyAlgorithm algorithm)
    {
        if (File.Exists(privateKeyFile) && File.Exists(publicKeyFile))
        {
            return;
        }

        using AsymmetricAlgorithm key = algorithm == SigningKeyAlgorithm.Rsa2048
            ? RSA.Create(2048)
            : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PemFiles.WriteKey(privateKeyFile, key.ExportPkcs8PrivateKeyPem());
        PemFiles.WriteCertificate(publicKeyFile, key.ExportSubjectPublicKeyInfoPem());
    }

    /// <summary>
    /// Reads every RSA and elliptic key of a PEM file: private keys, public keys and certificates' (client-go's keyutil). A file
    /// may hold several, so that keys can be changed while tokens of the old one are still good.
    /// </summary>
    /// <param name="flag">The flag that names the file, for the message.</param>
    /// <param name="file">The file.</param>
    /// <param name="isPrivate">Whether only private keys count.</param>
    /// <exception cref="StartupException">The file can't be read or holds no such key.</exception>
    public static IReadOnlyList<AsymmetricAlgorithm> Load(string flag, string file, bool isPrivate = false)
    {
        try
        {
            var keys = new List<AsymmetricAlgorithm>();
            ReadOnlySpan<char> rest = File.ReadAllText(file);
            while (PemEncoding.TryFind(rest, out PemFields fields))
            {
                byte[] content = Convert.FromBase64String(rest[fields.Base64Data].ToString());
                if (Read(rest[fields.Label], content, isPrivate) is { } key)
                {
                    keys.Add(key);
                }

                rest = rest[fields.Location.End..];
            }

            return keys.Count > 0
                ? keys
                : throw new StartupException($"{flag} {file} holds no RSA or elliptic {(isPrivate ? "private " : "")}key in PEM");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or AsnContentException)
        {
            throw new StartupException($"{flag} {file}: {e.Message}", e);
        }
    }

    private static AsymmetricAlgorithm? Read(ReadOnlySpan<char> label, byte[] content, bool isPrivate)
    {
        switch (label)
        {
            case "RSA PRIVATE KEY":
                var rsa = RSA.Create();
                rsa.ImportRSAPrivateKey(content, out _);
                return rsa;
            case "EC PRIVATE KEY":
                var elliptic = ECDsa.Create();
                elliptic.ImportECPrivateKey(content, out _);
                return elliptic;
            case "PRIVATE KEY":
                AsymmetricAlgorithm key = Empty(content, hasVersion: true);
                key.ImportPkcs8PrivateKey(content, out _);
                return key;
            case "PUBLIC KEY" when !isPrivate:
                AsymmetricAlgorithm publicKey = Empty(content, hasVersion: false);
                publicKey.ImportSubjectPublicKeyInfo(content, out _);
                return publicKey;
            case "CERTIFICATE" when !isPrivate:
                using (X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(content))
                {
                    return (AsymmetricAlgorithm?)certificate.GetRSAPublicKey() ?? certificate.GetECDsaPublicKey();
                }

            default:
                // What lies beside keys, such as the parameters of a curve.
                return null;
        }
    }

    /// <summary>
    /// A key of the kind that a structure names in its first part: PKCS #8 (with a version before) or RFC 5280's public key.
    /// </summary>
    private static AsymmetricAlgorithm Empty(byte[] content, bool hasVersion)
    {
        AsnReader reader = new AsnReader(content, AsnEncodingRules.DER).ReadSequence();
        if (hasVersion)
        {
            reader.ReadInteger();
        }

        return reader.ReadSequence().ReadObjectIdentifier() == EllipticKey ? ECDsa.Create() : RSA.Create();
    }
}
