using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting.Certificates;
using KubeLite.Hosting.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.Hosting.Tests;

public sealed class DiagnosticsListenerTests
{
    [Fact]
    public async Task Listener_HealthIsOpen_MetricsNeedACertificate()
    {
        using var authority = CertificateAuthority.Create("ca", TimeProvider.System);
        using var authorityCertificate = X509Certificate2.CreateFromPem(authority.CertificatePem);
        using var client = authority.IssueClient(new CertificateSubject("me")).Load();
        var ready = false;
        var options = new DiagnosticsOptions
        {
            Port = -1,
            BindAddress = IPAddress.Loopback,
            ClientAuthorities = [authorityCertificate],
        };
        await using var listener = new DiagnosticsListener(
            "test", options, () => ready, null, NullLoggerFactory.Instance, TimeProvider.System);
        await listener.StartAsync(CancellationToken.None);

        using var anonymous = Client(null);
        using var known = Client(client);
        var url = $"https://127.0.0.1:{listener.Port}";

        Assert.Equal(HttpStatusCode.InternalServerError, (await anonymous.GetAsync(url + "/readyz")).StatusCode);
        ready = true;
        Assert.Equal("ok", await anonymous.GetStringAsync(url + "/readyz"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(url + "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync(url + "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await known.GetAsync(url + "/nothing")).StatusCode);
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Listener_PortInUse_SaysWhatToDo()
    {
        var options = new DiagnosticsOptions { Port = -1, BindAddress = IPAddress.Loopback };
        await using var first = New(options);
        await first.StartAsync(CancellationToken.None);
        await using var second = New(options with { Port = first.Port });

        var e = await Assert.ThrowsAsync<StartupException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains("choose another", e.Message, StringComparison.Ordinal);
    }

    private static DiagnosticsListener New(DiagnosticsOptions options) =>
        new("test", options, () => true, null, NullLoggerFactory.Instance, TimeProvider.System);

    private static HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        return new HttpClient(handler);
    }
}
