using System.Security.Cryptography;

namespace KubeLite.Hosting.Certificates;

/// <summary>The key pair that service account tokens are signed and verified with.</summary>
public static class ServiceAccountKeys
{
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
}
