using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>What callers are warned of who make or change objects of many kinds, as in Kubernetes v1.36.</summary>
public sealed class KindWarningTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Mountable = "kubernetes.io/enforce-mountable-secrets";

    [Theory]
    [InlineData("", "", "tls: failed to find any PEM data in certificate input")]
    [InlineData(
        "KEY", "KEY",
        "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched")]
    [InlineData("CERTIFICATE", "", "tls: failed to find any PEM data in key input")]
    [InlineData("CERTIFICATE", "CERTIFICATE", "tls: found a certificate rather than a key in the PEM for the private key")]
    [InlineData("CERTIFICATE", "OTHER", "tls: private key does not match public key")]
    [InlineData("CERTIFICATE", "RSA", "tls: private key type does not match public key type")]
    [InlineData("CERTIFICATE", "KEY", null)]
    public async Task Create_TlsSecret_WarnsOfAPairThatIsNone(string certificate, string key, string? warning)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        using X509Certificate2 made = new CertificateRequest("CN=a", own, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        var texts = new Dictionary<string, string>
        {
            [""] = "",
            ["CERTIFICATE"] = made.ExportCertificatePem(),
            ["KEY"] = own.ExportPkcs8PrivateKeyPem(),
            ["OTHER"] = other.ExportECPrivateKeyPem(),
            ["RSA"] = rsa.ExportRSAPrivateKeyPem(),
        };
        var secret = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "s" },
            ["type"] = "kubernetes.io/tls",
            ["data"] = new JsonObject { ["tls.crt"] = Base64(texts[certificate]), ["tls.key"] = Base64(texts[key]) },
        };
        string ns = await server.NewNamespaceAsync();
        Assert.Equal(warning, Warning(await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/secrets", secret.ToJsonString())));

        static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task Change_ServiceAccountThatEnforcedBefore_WarnsOfNothing()
    {
        string ns = await server.NewNamespaceAsync(),
            account = $$$$"""{"metadata":{"name":"a","annotations":{"{{{{Mountable}}}}":"true"}}}""";
        ApiAnswer made = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", account);
        Assert.StartsWith($"metadata.annotations[{Mountable}]: deprecated", Warning(made), StringComparison.Ordinal);
        Assert.Null(Warning(await server.SendAsync("PUT", $"/api/v1/namespaces/{ns}/serviceaccounts/a", account)));
    }

    [Theory]
    [InlineData(
        "namespaces/*/resourcequotas", """{"spec":{"hard":{"requests.cpu":"2","limits.cpu":"1"}}}""",
        "ResourceQuota requests.cpu (2) should be less than limits.cpu (1)")]
    [InlineData(
        "apis/discovery.k8s.io/v1/namespaces/*/endpointslices",
        """{"addressType":"FQDN","endpoints":[]}""", "spec.addressType: FQDN endpoints are deprecated")]
    [InlineData(
        "apis/networking.k8s.io/v1/namespaces/*/ingresses",
        """{"metadata":{"annotations":{"kubernetes.io/ingress.class":"x"}},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":1}}}}}""",
        "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead")]
    public async Task Create_OfAKind_WarnsAndAChangeDoesNot(string path, string text, string warning)
    {
        string ns = await server.NewNamespaceAsync();
        string at = (path.StartsWith("apis", StringComparison.Ordinal) ? "/" : "/api/v1/") +
            path.Replace("*", ns, StringComparison.Ordinal);
        JsonNode obj = JsonNode.Parse(text)!;
        (obj["metadata"] ??= new JsonObject())["name"] = "x";
        Assert.Equal(warning, Warning(await server.SendAsync("POST", at, obj.ToJsonString())));
        obj["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        Assert.Null(Warning(await server.SendAsync("PUT", at + "/x", obj.ToJsonString())));
    }

    [Theory]
    [InlineData("x", null)]
    [InlineData(
        "y", "annotations.kubernetes.io/ingress.class: Invalid value: \"y\": must match `ingressClassName` when both are specified")]
    public async Task Create_IngressWithTwoClasses_TakesTheSame(string annotation, string? fault)
    {
        string ns = await server.NewNamespaceAsync();
        string text = """
            {"metadata":{"name":"i","annotations":{"kubernetes.io/ingress.class":"CLASS"}},
             "spec":{"ingressClassName":"x","defaultBackend":{"service":{"name":"s","port":{"number":1}}}}}
            """.Replace("CLASS", annotation, StringComparison.Ordinal);
        ApiAnswer made = await server.SendAsync("POST", $"/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses", text);
        Assert.Equal(
            fault is null ? (201, null) : (422, $"Ingress.networking.k8s.io \"i\" is invalid: {fault}"),
            (made.Code, (string?)made.Json["message"]));
        Assert.Null(Warning(made));
    }

    [Fact]
    public async Task Change_StatusOfIngress_WarnsOfAnOddAddress()
    {
        string ns = await server.NewNamespaceAsync(), at = $"/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses";
        await server.SendAsync(
            "POST", at, """{"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":1}}}}}""");
        ApiAnswer changed = await server.SendAsync(
            "PATCH", at + "/i/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"1::0"}]}}}""", "application/merge-patch+json");
        Assert.Equal(
            "status.loadBalancer.ingress[0]: IPv6 address \"1::0\" should be in RFC 5952 canonical format (\"1::\")", Warning(changed));
    }

    [Fact]
    public async Task Create_WebhooksUnderANameOfFiles_WarnsOfIt() => Assert.Equal(
        "metadata.name: names ending with \".static.k8s.io\" are reserved for static manifest-based configurations and cannot be managed via the API",
        Warning(await server.SendAsync(
            "POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", ApiServerFixture.Named("a.static.k8s.io"))));

    /// <summary>The text of the one warning of an answer; null for none.</summary>
    private static string? Warning(ApiAnswer answer) =>
        answer.Headers.TryGetValue("Warning", out string? header)
            ? header["299 - \"".Length..^1].Replace("\\\"", "\"", StringComparison.Ordinal)
            : null;
}
