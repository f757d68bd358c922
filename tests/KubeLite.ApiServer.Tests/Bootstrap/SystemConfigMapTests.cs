using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Bootstrap;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Bootstrap;

public sealed class SystemConfigMapTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Maps = "/api/v1/namespaces/kube-system/configmaps/";

    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(SystemConfigMaps.Authentication)]
    [InlineData(SystemConfigMaps.TokenTracking)]
    public async Task Deleted_ComesBack(string name)
    {
        string? before = (string?)(await server.SendAsync("GET", Maps + name)).Json["metadata"]!["uid"];
        Assert.NotNull(before);

        await server.SendAsync("DELETE", Maps + name);

        await Until.TrueAsync(
            async () => await server.SendAsync("GET", Maps + name) is { Code: 200 } now && (string?)now.Json["metadata"]!["uid"] != before,
            "it is made again");
    }

    [Fact]
    public async Task TokenTracking_NoDate_IsMended()
    {
        await server.SendAsync(
            "PATCH", Maps + SystemConfigMaps.TokenTracking, """{"data":{"since":"never"}}""", "application/merge-patch+json");

        await Until.TrueAsync(
            async () => (string?)(await server.SendAsync(
                "GET", Maps + SystemConfigMaps.TokenTracking)).Json["data"]!["since"] is { Length: 10 },
            "a day stands there again");
    }

    [Fact]
    public void Authentication_SeveralAuthorities_AreTrustedTogetherUntilTheyExpire()
    {
        string mine = Pem("mine", s_now.AddYears(1)), other = Pem("other", s_now.AddYears(1)), old = Pem("old", s_now.AddHours(-1));

        JsonMap data = SystemConfigMaps.AuthenticationData(new JsonMap { { "client-ca-file", old + other + mine } }, mine, s_now);

        Assert.Equal(other + mine, data.String("client-ca-file"));
        Assert.True(JsonValue.DeepEquals(data, SystemConfigMaps.AuthenticationData(data, mine, s_now)));
    }

    [Fact]
    public void Authentication_FrontProxyOfOthers_StaysOnlyWithItsAuthority()
    {
        var proxy = new JsonMap
        {
            { "requestheader-client-ca-file", "pem" },
            { "requestheader-group-headers", "[\"X-Remote-Group\"]" },
            { "else", "x" },
        };

        Assert.Equal(2, SystemConfigMaps.AuthenticationData(proxy, "", s_now).Count);
        Assert.Equal(0, SystemConfigMaps.AuthenticationData(new JsonMap { { "requestheader-group-headers", "[]" } }, "", s_now).Count);
    }

    private static string Pem(string name, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest(
            "CN=" + name, key, HashAlgorithmName.SHA256).CreateSelfSigned(s_now.AddYears(-1), until);
        return certificate.ExportCertificatePem() + "\n";
    }
}
