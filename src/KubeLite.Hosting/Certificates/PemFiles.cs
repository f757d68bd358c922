using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLite.Hosting.Certificates;

/// <summary>Reads and writes PEM files: certificates for all to read (0644), keys for their owner only (0600).</summary>
public static class PemFiles
{
    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode CertificateMode = KeyMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a private key so that only its owner can read it, at no moment anyone else.</summary>
    /// <exception cref="StartupException">The file cannot be written.</exception>
    public static void WriteKey(string path, string pem) => Write(path, pem, KeyMode);

    /// <summary>Writes a certificate or a public key.</summary>
    /// <exception cref="StartupException">The file cannot be written.</exception>
    public static void WriteCertificate(string path, string pem) => Write(path, pem, CertificateMode);

    /// <summary>Loads a certificate and its key, as <c>--tls-cert-file</c> and <c>--tls-private-key-file</c> name them.</summary>
    /// <exception cref="StartupException">A file is missing, unreadable, or the two do not belong together.</exception>
    public static X509Certificate2 LoadPair(string certificateFile, string keyFile)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException(
                $"cannot load the certificate {certificateFile} with the key {keyFile}: {e.Message}", e);
        }
    }

    /// <summary>Loads every certificate of a bundle, as <c>--client-ca-file</c> names it.</summary>
    /// <exception cref="StartupException">The file is missing, unreadable or holds no certificate.</exception>
    public static X509Certificate2Collection LoadBundle(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0
                ? certificates
                : throw new StartupException($"{file} holds no certificate: give a PEM file with at least one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"cannot load the certificates of {file}: {e.Message}", e);
        }
    }

    private static void Write(string path, string pem, UnixFileMode mode)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            // Written beside and renamed, so that a crash leaves the old file or the new one, never a part.
            var temporary = path + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(temporary);
                options.UnixCreateMode = mode;
            }

            using (var writer = new StreamWriter(temporary, options))
            {
                writer.Write(pem);
                if (!pem.EndsWith('\n'))
                {
                    writer.Write('\n');
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot write {path}: {e.Message}", e);
        }
    }
}
