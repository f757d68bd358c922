using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting.Certificates;
using Xunit;

namespace KubeLite.Hosting.Tests;

public sealed class ServiceAccountKeysTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public void Dispose()
    {
        File.Delete(_file);
        _rsa.Dispose();
        _elliptic.Dispose();
    }

    [Fact]
    public void Load_FileOfSeveralKeys_ReadsEachByItsKind()
    {
        var request = new CertificateRequest("CN=x", _elliptic, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Write(
            _rsa.ExportPkcs8PrivateKeyPem(), _rsa.ExportRSAPrivateKeyPem(), _rsa.ExportSubjectPublicKeyInfoPem(),
            "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----",
            _elliptic.ExportECPrivateKeyPem(), _elliptic.ExportPkcs8PrivateKeyPem(), _elliptic.ExportSubjectPublicKeyInfoPem(),
            certificate.ExportCertificatePem());

        IReadOnlyList<AsymmetricAlgorithm> keys = ServiceAccountKeys.Load("--f", _file);

        byte[] rsa = _rsa.ExportSubjectPublicKeyInfo(), elliptic = _elliptic.ExportSubjectPublicKeyInfo();
        Assert.Equal([rsa, rsa, rsa, elliptic, elliptic, elliptic, elliptic], keys.Select(k => k.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void Load_PrivateOnly_PassesOverPublicKeys()
    {
        Write(_rsa.ExportSubjectPublicKeyInfoPem(), _elliptic.ExportPkcs8PrivateKeyPem());

        Assert.IsAssignableFrom<ECDsa>(Assert.Single(ServiceAccountKeys.Load("--f", _file, isPrivate: true)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")]
    public void Load_NoKey_NamesFlagAndFile(string content)
    {
        Write(content);

        var error = Assert.Throws<StartupException>(() => ServiceAccountKeys.Load("--f", _file));

        Assert.StartsWith($"--f {_file}", error.Message);
    }

    private void Write(params string[] blocks) => File.WriteAllText(_file, string.Join('\n', blocks));
}
