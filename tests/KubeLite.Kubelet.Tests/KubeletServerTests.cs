using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Hosting.Certificates;
using KubeLite.Hosting.Diagnostics;
using Xunit;
using static KubeLite.Kubelet.Tests.KubeletFixture;

namespace KubeLite.Kubelet.Tests;

public sealed class KubeletServerTests : IDisposable
{
    private readonly CertificateAuthority _authority = CertificateAuthority.Create("ca", TimeProvider.System);
    private readonly X509Certificate2 _clientCertificate;

    public KubeletServerTests() => _clientCertificate = _authority.IssueClient(new CertificateSubject("kube-apiserver")).Load();

    public void Dispose()
    {
        _clientCertificate.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Logs_AreServedAsAsked()
    {
        await using var fixture = await StartWithServerAsync();
        await fixture.CreateAsync(NewPod("Always", ("log", "one\ntwo\nthree")));
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");
        using var client = Client();
        var logs = Url(fixture) + "/containerLogs/default/x/c";

        Assert.Equal("one\ntwo\nthree\n", await client.GetStringAsync(logs));
        Assert.Equal("three\n", await client.GetStringAsync(logs + "?tailLines=1"));
        Assert.Equal("one", await client.GetStringAsync(logs + "?limitBytes=3"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n", await client.GetStringAsync(logs + "?timestamps=true"));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(logs + "?previous=true")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Url(fixture) + "/containerLogs/default/x/other")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(logs + "?tailLines=many")).StatusCode);
        Assert.Contains("\"name\":\"x\"", await client.GetStringAsync(Url(fixture) + "/pods"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_Followed_EndWithTheContainer()
    {
        await using var fixture = await StartWithServerAsync();
        await fixture.CreateAsync(NewPod("Never", ("run-duration", "300ms"), ("log", "one")));
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");
        using var client = Client();

        Assert.Equal("one\n", await client.GetStringAsync(Url(fixture) + "/containerLogs/default/x/c?follow=true"));
    }

    [Fact]
    public async Task Exec_IsRefusedInWords()
    {
        await using var fixture = await StartWithServerAsync();
        using var client = Client();
        var answer = await client.PostAsync(Url(fixture) + "/exec/default/x/c?command=ls", null);

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("not supported by simulated nodes", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<KubeletFixture> StartWithServerAsync() => await StartAsync(new KubeletOptions
    {
        Server = new DiagnosticsOptions
        {
            Port = -1,
            BindAddress = IPAddress.Loopback,
            ClientAuthorities = [X509Certificate2.CreateFromPem(_authority.CertificatePem)],
        },
    });

    private static string Url(KubeletFixture fixture) =>
        "https://127.0.0.1:" + fixture.Server.Find<k8s.Models.V1Node>(null, "node-0")!.Status.DaemonEndpoints.KubeletEndpoint.Port;

    private HttpClient Client()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        handler.SslOptions.ClientCertificates = [_clientCertificate];
        return new HttpClient(handler);
    }
}
