using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Subresources;

public sealed class TokenRequestTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Pod = """{"metadata":{"name":"p"},"spec":{"serviceAccountName":"sa","containers":[{"name":"c","image":"i"}]}}""";

    [Theory]
    [InlineData("""{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}""", 31536000, 3607L)]
    [InlineData(
        """{"expirationSeconds":3607,"audiences":["other"],"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}""", 3607, null)]
    [InlineData("""{"expirationSeconds":3600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}""", 3600, null)]
    [InlineData("""{"expirationSeconds":3607}""", 3607, null)]
    public async Task Post_PodsOwnLifetime_IsExtended(string spec, long lifetime, long? warnAfter)
    {
        string ns = await NamespaceAsync();

        ApiAnswer answer = await server.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/serviceaccounts/sa/token", $$$"""{"spec":{{{spec}}} }""");

        JsonNode claims = Claims(answer);
        long issued = (long)claims["iat"]!;
        Assert.Equal(lifetime, (long)claims["exp"]! - issued);
        Assert.Equal(warnAfter, (long?)claims["kubernetes.io"]!["warnafter"] - issued);
        // The answer tells the lifetime that was asked for.
        Assert.InRange(
            DateTimeOffset.Parse((string)answer.Json["status"]!["expirationTimestamp"]!).ToUnixTimeSeconds() - issued, 3599, 3608);
    }

    [Fact]
    public async Task Post_PodOnMissingNode_KeepsTheNodesName()
    {
        string ns = await NamespaceAsync(nodeName: "nowhere");

        ApiAnswer answer = await server.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/serviceaccounts/sa/token",
            """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}}""");

        Assert.Equal("""{"name":"nowhere","uid":""}""", Claims(answer)["kubernetes.io"]!["node"]!.ToJsonString());
    }

    [Theory]
    [InlineData(
        """{"metadata":{"name":"other"}}""",
        "TokenRequest.authentication.k8s.io \"sa\" is invalid: metadata.name: Invalid value: \"other\": must match the service account name if specified")]
    [InlineData(
        """{"metadata":{"namespace":"other"}}""", "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData(
        """{"spec":{"nope":1}}""",
        "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: strict decoding error: unknown field \"spec.nope\"")]
    [InlineData(
        """{"spec":{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1","name":"c"}}}""",
        "cannot bind token to object of type /v1, Kind=ConfigMap")]
    public async Task Post_FaultyRequest_IsRefused(string body, string message)
    {
        string ns = await NamespaceAsync();

        ApiAnswer answer = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts/sa/token?fieldValidation=Strict", body);

        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Post_Request_SaysWhoManagesIt()
    {
        string ns = await NamespaceAsync();

        ApiAnswer answer = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts/sa/token?fieldManager=me", "{}");

        JsonNode entry = answer.Json["metadata"]!["managedFields"]![0]!;
        Assert.Equal(("me", "token"), ((string?)entry["manager"], (string?)entry["subresource"]));
        Assert.Equal("""{"f:spec":{"f:expirationSeconds":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Theory]
    [InlineData("nistP256", "ES256")]
    [InlineData("nistP384", "ES384")]
    [InlineData("nistP521", "ES512")]
    public async Task Post_SignedWithACurve_UsesItsAlgorithm_AndIsTaken(string curve, string algorithm)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportECPrivateKeyPem());
        await using ApiServerFixture other = await ApiServerFixture.StartAsync(o => o with { ServiceAccountSigningKeyFile = file });
        File.Delete(file);
        Assert.Equal(201, (await other.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts", ApiServerFixture.Named("sa"))).Code);

        string token =
            (string)(await other.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts/sa/token", "{}")).Json["status"]!["token"]!;

        Assert.Equal(algorithm, (string?)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!["alg"]);
        using HttpClient client = other.NewClient(token);
        ApiAnswer who = await ApiServerFixture.SendAsync(
            client, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}"u8.ToArray(), "application/json", "application/json");
        Assert.Equal("system:serviceaccount:default:sa", (string?)who.Json["status"]?["userInfo"]?["username"]);
    }

    private async Task<string> NamespaceAsync(string nodeName = "")
    {
        string ns = await server.NewNamespaceAsync();
        await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("sa"));
        JsonNode pod = JsonNode.Parse(Pod)!;
        if (nodeName.Length > 0)
        {
            pod["spec"]!["nodeName"] = nodeName;
        }

        Assert.Equal(201, (await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/pods", pod.ToJsonString())).Code);
        return ns;
    }

    private static JsonNode Claims(ApiAnswer answer)
    {
        Assert.Equal(201, answer.Code);
        return JsonNode.Parse(Base64Url.DecodeFromChars(((string)answer.Json["status"]!["token"]!).Split('.')[1]))!;
    }
}
