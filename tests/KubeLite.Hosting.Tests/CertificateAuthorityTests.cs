using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting.Certificates;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.Hosting.Tests;

public sealed class CertificateAuthorityTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelite-hosting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void IssueClient_WithOrganizations_NamesUserAndGroups()
    {
        using var authority = CertificateAuthority.Create("test-ca", _time);
        using var client = authority.IssueClient(new CertificateSubject("system:kube-scheduler", "a", "b")).Load();

        Assert.Equal("system:kube-scheduler", client.GetNameInfo(X509NameType.SimpleName, false));
        Assert.Contains("O=a", client.Subject, StringComparison.Ordinal);
        Assert.Contains("O=b", client.Subject, StringComparison.Ordinal);
        Assert.True(client.HasPrivateKey);
    }

    [Fact]
    public void EnsureServer_StillGood_KeepsTheCertificate()
    {
        using var authority = LoadOrCreate();
        var first = Ensure(authority, "localhost", "127.0.0.1");
        _time.Advance(TimeSpan.FromDays(200));
        using var again = LoadOrCreate();

        Assert.Equal(first, Ensure(again, "localhost", "127.0.0.1"));
    }

    [Fact]
    public void EnsureServer_NearItsEnd_Renews()
    {
        using var authority = LoadOrCreate();
        var first = Ensure(authority, "localhost");
        _time.Advance(TimeSpan.FromDays(300));

        Assert.NotEqual(first, Ensure(authority, "localhost"));
    }

    [Fact]
    public void EnsureServer_HostMissing_Renews()
    {
        using var authority = LoadOrCreate();
        var first = Ensure(authority, "localhost");

        Assert.NotEqual(first, Ensure(authority, "localhost", "10.0.0.1"));
    }

    [SkippableFact]
    public void LoadOrCreate_Key_IsForItsOwnerOnly()
    {
        Skip.If(OperatingSystem.IsWindows(), "Unix file modes");
#pragma warning disable CA1416 // Skipped on Windows.
        using var authority = LoadOrCreate();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "ca.key")));
#pragma warning restore CA1416
    }

    [Fact]
    public void LoadOrCreate_Expired_SaysWhatToDo()
    {
        LoadOrCreate().Dispose();
        _time.Advance(TimeSpan.FromDays(4000));

        var e = Assert.Throws<StartupException>(LoadOrCreate);
        Assert.Contains("remove it", e.Message, StringComparison.Ordinal);
    }

    private CertificateAuthority LoadOrCreate() => CertificateAuthority.LoadOrCreate(
        Path.Combine(_folder, "ca.crt"), Path.Combine(_folder, "ca.key"), "test-ca", _time);

    private IssuedCertificate Ensure(CertificateAuthority authority, params string[] hosts) => authority.EnsureServer(
        Path.Combine(_folder, "s.crt"), Path.Combine(_folder, "s.key"), new CertificateSubject("server"), hosts);
}
