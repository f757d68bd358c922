using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeLite.Hosting.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace KubeLite.Hosting.Diagnostics;

/// <summary>
/// The HTTPS listener of a server: /healthz, /livez and /readyz for everyone, /metrics for clients with a certificate of
/// the cluster, and whatever else the server answers itself.
/// </summary>
public sealed class DiagnosticsListener : IAsyncDisposable
{
    private readonly string _server;
    private readonly DiagnosticsOptions _options;
    private readonly Func<bool> _ready;
    private readonly Func<HttpContext, Task<bool>>? _further;
    private readonly ILoggerFactory _loggers;
    private readonly X509Certificate2? _ownCertificate;
    private WebApplication? _application;

    /// <summary>Prepares a listener; nothing is opened before <see cref="StartAsync"/>.</summary>
    /// <param name="server">The name of the server, for messages.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="ready">What /readyz and /healthz say; called for each request.</param>
    /// <param name="further">Answers other paths and returns true, or returns false for 404. Null for none.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="time">The clock for the certificate that is made when none is given.</param>
    public DiagnosticsListener(
        string server,
        DiagnosticsOptions options,
        Func<bool> ready,
        Func<HttpContext, Task<bool>>? further,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        _server = server;
        _options = options;
        _ready = ready;
        _further = further;
        _loggers = loggers;
        if (options.Certificate is null && options.Port != 0)
        {
            using var authority = CertificateAuthority.Create(server + "-ca", time);
            _ownCertificate = authority.IssueServer(new CertificateSubject(server), ["localhost", "127.0.0.1"]).Load();
        }
    }

    /// <summary>The port that is listened on; 0 before the start or when nothing is served.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the port, unless it is 0. <c>-1</c> takes any free port (for tests).</summary>
    /// <exception cref="StartupException">The port is in use or not allowed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Port == 0)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(_loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _application = builder.Build();
        _application.Run(AnswerAsync);
        try
        {
            await _application.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or AddressInUseException)
        {
            throw new StartupException(
                $"{_server} cannot listen on {_options.BindAddress}:{_options.Port} ({e.GetBaseException().Message}): " +
                "stop what uses the port or choose another", e);
        }

        var addresses = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        foreach (var address in addresses?.Addresses ?? [])
        {
            Port = BindingAddress.Parse(address).Port;
        }

        ServerLog.DiagnosticsServing(_loggers.CreateLogger(_server), _server, _options.BindAddress.ToString(), Port);
    }

    /// <summary>Closes the port; requests get until cancellation to end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_application is { } application)
        {
            await application.StopAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is { } application)
        {
            await application.DisposeAsync();
        }

        _ownCertificate?.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(_options.BindAddress, Math.Max(0, _options.Port), listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = _options.Certificate ?? _ownCertificate;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = IsTrusted;
            });
        });
    }

    /// <summary>Refuses only certificates that are given and not trusted; no certificate at all is an anonymous client.</summary>
    private bool IsTrusted(X509Certificate2 certificate, X509Chain? given, SslPolicyErrors errors)
    {
        if (_options.ClientAuthorities is not { Count: > 0 } authorities)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            var healthy = path == "/livez" || _ready();
            context.Response.StatusCode = healthy ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync(healthy ? "ok" : "not ready", context.RequestAborted);
            return;
        }

        if (context.Connection.ClientCertificate is null)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync("Unauthorized", context.RequestAborted);
            return;
        }

        if (path == "/metrics")
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
            return;
        }

        if (_further is null || !await _further(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("404 page not found", context.RequestAborted);
        }
    }
}
