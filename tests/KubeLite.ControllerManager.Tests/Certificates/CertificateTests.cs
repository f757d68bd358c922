using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Certificates;

public sealed class CertificateTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelite-signing").FullName;
    private ControllerHarness _h = null!;
    private X509Certificate2 _authority = null!;

    public async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=test-ca", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var (certificateFile, keyFile) = (Path.Combine(_folder, "ca.crt"), Path.Combine(_folder, "ca.key"));
        await File.WriteAllTextAsync(certificateFile, _authority.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        _h = await StartAsync(
            o => o with
            {
                ClusterSigningCertFile = certificateFile,
                ClusterSigningKeyFile = keyFile,
                ServiceAccountPrivateKeyFile = keyFile,
            },
            "certificatesigningrequest-signing-controller", "serviceaccount-token-controller");
    }

    public async Task DisposeAsync()
    {
        await _h.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<V1CertificateSigningRequest> SignAsync(string subject, string signer, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        await _h.Client.CreateAsync(
            new V1CertificateSigningRequest
            {
                Metadata = new V1ObjectMeta { Name = "r" },
                Spec = new V1CertificateSigningRequestSpec
                {
                    Request = Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()),
                    SignerName = signer,
                    Usages = ["digital signature", usage],
                    ExpirationSeconds = 3600,
                },
                Status = new V1CertificateSigningRequestStatus
                {
                    Conditions = [new V1CertificateSigningRequestCondition { Type = "Approved", Status = "True" }],
                },
            }, default);
        V1CertificateSigningRequest Stored() => _h.Server.Find<V1CertificateSigningRequest>("", "r")!;
        await _h.UntilAsync(
            () => Stored().Status.Certificate is not null || Stored().Status.Conditions.Count > 1, "it is signed or refused");
        return Stored();
    }

    [Fact]
    public async Task Approved_ForClients_IsSignedByTheAuthority()
    {
        var signed = await SignAsync("CN=jane,O=devs", "kubernetes.io/kube-apiserver-client", "client auth");
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(signed.Status.Certificate));
        Assert.Equal("jane", certificate.GetNameInfo(X509NameType.SimpleName, false));
        Assert.InRange(certificate.NotAfter.ToUniversalTime(), DateTime.UtcNow.AddMinutes(55), DateTime.UtcNow.AddMinutes(61));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public async Task Approved_KubeletWithAnotherSubject_Fails()
    {
        var refused = await SignAsync("CN=jane", "kubernetes.io/kube-apiserver-client-kubelet", "client auth");
        Assert.Null(refused.Status.Certificate);
        Assert.Equal(("Failed", "SignerValidationFailure"), (refused.Status.Conditions[1].Type, refused.Status.Conditions[1].Reason));
    }

    [Fact]
    public async Task TokenSecret_GetsATokenThatItsKeySigned_AndGoesWithItsAccount()
    {
        await _h.Client.CreateAsync(new V1ServiceAccount { Metadata = Meta("sa") }, default);
        await _h.Client.CreateAsync(
            new V1Secret
            {
                Type = "kubernetes.io/service-account-token",
                Metadata = Meta("s") with
                {
                    Annotations = new Dictionary<string, string> { ["kubernetes.io/service-account.name"] = "sa" },
                },
            }, default);
        await _h.UntilAsync(() => _h.Server.Find<V1Secret>("ns", "s")!.Data?.ContainsKey("token") == true, "it has a token");
        var parts = Encoding.ASCII.GetString(_h.Server.Find<V1Secret>("ns", "s")!.Data["token"]).Split('.');
        using var key = _authority.GetRSAPublicKey()!;
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes(parts[0] + "."
                + parts[1]), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Contains(
            "\"sub\":\"system:serviceaccount:ns:sa\"", Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])),
            StringComparison.Ordinal);
        await _h.Client.DeleteAsync<V1ServiceAccount>("ns", "sa", null, default);
        await _h.UntilAsync(() => _h.Server.Find<V1Secret>("ns", "s") is null, "it is gone");
    }
}
