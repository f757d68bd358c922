using KubeLite.ApiServer.Tests.Serving;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.ApiServer.Tests.Admission;

/// <summary>What the account of a Pod decides about it.</summary>
public sealed class ServiceAccountPluginTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Strict =
        """{"metadata":{"name":"default","annotations":{"kubernetes.io/enforce-mountable-secrets":"true"}},"secrets":[{"name":"own"}],"imagePullSecrets":[{"name":"pull"}]}""";

    private const string Debug =
        """{"spec":{"ephemeralContainers":[{"name":"d","image":"i","envFrom":[{"secretRef":{"name":"SECRET"}}]}]}}""";

    [Theory]
    [InlineData(true, 201)]
    [InlineData(false, 403)]
    public async Task Create_PodBeforeItsDefaultAccount_WaitsForIt(bool comes, int code)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using ApiServerFixture waiting = await ApiServerFixture.StartAsync(static options => options, time: time);
        string ns = await waiting.NewNamespaceAsync();
        Task<ApiAnswer> created = waiting.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        // Time stands still, so that this only gives it the time to look for the account once.
        await Task.Delay(TimeSpan.FromMilliseconds(50));
        if (comes)
        {
            await waiting.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("default"));
        }

        while (!created.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(code, (await created).Code);
    }

    [Fact]
    public async Task Create_PodOfAnotherMissingAccount_IsForbidden()
    {
        string ns = await server.NewNamespaceAsync();

        ApiAnswer answer = await CreateAsync(ns, """{"serviceAccountName":"other","containers":[{"name":"c","image":"i"}]}""");

        Assert.Equal(403, answer.Code);
        Assert.Equal(
            $"pods \"p\" is forbidden: error looking up service account {ns}/other: serviceaccount \"other\" not found",
            answer.Json["message"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(
        """{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","secret":{"secretName":"x"}}]}""",
        "volume with secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i","env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"x","key":"k"}}}]}]}""",
        "container c with envVar E referencing secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData(
        """{"initContainers":[{"name":"n","image":"i","envFrom":[{"secretRef":{"name":"x"}}]}],"containers":[{"name":"c","image":"i"}]}""",
        "init container n with envFrom referencing secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i"}],"imagePullSecrets":[{"name":"pull"},{"name":"x"}]}""",
        "imagePullSecrets[1].name=\"x\" is not allowed because service account default does not reference that imagePullSecret")]
    public async Task Create_PodWithSecretThatItsStrictAccountDoesNotName_IsForbidden(string spec, string fault)
    {
        string ns = await server.NewNamespaceAsync();
        await AccountAsync(ns, Strict);

        ApiAnswer answer = await CreateAsync(ns, spec);

        Assert.Equal(403, answer.Code);
        Assert.Equal($"pods \"p\" is forbidden: {fault}", answer.Json["message"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("own", 200)]
    [InlineData("x", 403)]
    public async Task Patch_EphemeralContainers_KeepToTheStrictAccountsSecrets(string secret, int code)
    {
        string ns = await server.NewNamespaceAsync();
        await AccountAsync(ns, Strict);
        Assert.Equal(201, (await CreateAsync(
            ns, """{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","secret":{"secretName":"own"}}]}""")).Code);

        ApiAnswer answer = await server.SendAsync(
            "PATCH", $"/api/v1/namespaces/{ns}/pods/p/ephemeralcontainers", Debug.Replace("SECRET", secret, StringComparison.Ordinal),
            "application/strategic-merge-patch+json");

        Assert.Equal(code, answer.Code);
    }

    [Theory]
    [InlineData("""{"nodeName":"n","serviceAccountName":"default","containers":[{"name":"c","image":"i"}]}""", "service accounts")]
    [InlineData("""{"nodeName":"n","imagePullSecrets":[{"name":"x"}],"containers":[{"name":"c","image":"i"}]}""", "secrets")]
    [InlineData(
        """{"nodeName":"n","containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","csi":{"driver":"d","nodePublishSecretRef":{"name":"x"}}}]}""",
        "secrets")]
    public async Task Create_MirrorPodThatRefersToWhatTheClusterHas_IsForbidden(string spec, string what)
    {
        string ns = await server.NewNamespaceAsync();
        await AccountAsync(ns, ApiServerFixture.Named("default"));

        ApiAnswer answer = await CreateAsync(ns, spec, ""","annotations":{"kubernetes.io/config.mirror":"m"}""");

        Assert.Equal(403, answer.Code);
        Assert.Equal($"pods \"p\" is forbidden: a mirror pod may not reference {what}", answer.Json["message"]!.GetValue<string>());
    }

    private Task<ApiAnswer> CreateAsync(string ns, string spec, string metadata = "") => server.SendAsync(
        "POST", $"/api/v1/namespaces/{ns}/pods", $$$"""{"metadata":{"name":"p"{{{metadata}}}},"spec":{{{spec}}}}""");

    private Task AccountAsync(string ns, string account) => server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", account);
}
