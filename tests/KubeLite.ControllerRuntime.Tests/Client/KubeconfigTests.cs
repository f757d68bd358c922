using KubeLite.ControllerRuntime.Client;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Client;

public sealed class KubeconfigTests
{
    private const string Two = """
        apiVersion: v1
        kind: Config
        preferences: {}
        current-context: b
        clusters:
        - name: one
          cluster: {server: "https://one:6443"}
        - name: two
          cluster:
            server: https://two:6443
            insecure-skip-tls-verify: true
            tls-server-name: kubernetes
        contexts:
        - {name: a, context: {cluster: one, user: u}}
        - {name: b, context: {cluster: two, user: u, namespace: default}}
        users:
        - name: u
          user:
            token: secret
            exec:
        """;

    [Fact]
    public void Parse_SeveralContexts_TheCurrentOneCounts()
    {
        var options = Kubeconfig.Parse(Two, "/", "test");

        Assert.Equal(new Uri("https://two:6443"), options.Server);
        Assert.True(options.InsecureSkipTlsVerify);
        Assert.Equal("kubernetes", options.TlsServerName);
        Assert.Equal("secret", options.BearerToken);
        Assert.Null(options.ClientCertificate);
    }

    [Fact]
    public void Parse_Json_IsYamlToo()
    {
        var options = Kubeconfig.Parse(
            """
            {"current-context": "c", "clusters": [{"name": "k", "cluster": {"server": "https://k:1"}}],
             "contexts": [{"name": "c", "context": {"cluster": "k", "user": "none"}}], "users": null}
            """, "/", "test");

        Assert.Equal(new Uri("https://k:1"), options.Server);
        Assert.False(options.InsecureSkipTlsVerify);
        Assert.Null(options.BearerToken);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("[a", "isn't valid YAML")]
    [InlineData("text", "must hold settings")]
    [InlineData("current-context: x", "current-context 'x'")]
    [InlineData("current-context: x\ncontexts: {}", "contexts must be a list")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: y}}]", "cluster 'y'")]
    [InlineData("current-context: [x]", "current-context must be a text")]
    [InlineData(
        "current-context: x\ncontexts: [{name: x, context: {cluster: y}}]\nclusters: [{name: y, cluster: {server: here}}]",
        "'here' is not a URL")]
    [InlineData(
        "current-context: x\ncontexts: [{name: x, context: {cluster: y}}]\n"
        + "clusters: [{name: y, cluster: {server: 'https://y', insecure-skip-tls-verify: 'maybe'}}]",
        "insecure-skip-tls-verify must be true or false")]
    [InlineData(
        "current-context: x\ncontexts: [{name: x, context: {cluster: y}}]\n"
        + "clusters: [{name: y, cluster: {server: 'https://y', certificate-authority-data: '?'}}]",
        "certificate-authority can't be read")]
    public void Parse_SomethingWrong_NamesTheSetting(string yaml, string said)
    {
        var e = Assert.Throws<KubeconfigException>(() => Kubeconfig.Parse(yaml, "/", "test"));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }
}
