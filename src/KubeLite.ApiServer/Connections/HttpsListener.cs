using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Connections;

/// <summary>Kestrel on the secure port, HTTP/1.1 and HTTP/2 over TLS, and nothing of ASP.NET Core beyond it.</summary>
internal sealed class HttpsListener
{
    /// <summary>The most bytes of a request's line or headers; Go's <c>http.DefaultMaxHeaderBytes</c>, which Kubernetes keeps.</summary>
    private const int MaxHeaderBytes = 1 << 20;

    /// <summary>The most headers of a request. Go bounds only their bytes; a certificate's groups may be impersonated one by one.</summary>
    private const int MaxHeaders = 10_000;

    // Go's order where the processor has AES (crypto/tls, defaultCipherSuites): the shorter key first, which is faster. Windows and
    // macOS have an order of their own.
    private static readonly CipherSuitesPolicy? s_ciphers = OperatingSystem.IsLinux()
        ? new CipherSuitesPolicy(
        [
            TlsCipherSuite.TLS_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        ])
        : null;

    private readonly WebApplication _app;

    private HttpsListener(WebApplication app)
    {
        _app = app;
        string bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
    }

    /// <summary>The port that it listens on, also where port 0 was asked for.</summary>
    public int Port { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="options">Address, port and the time that requests get when it stops.</param>
    /// <param name="certificate">What the server shows.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="loggers">What ASP.NET Core logs to.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StartupException">The address is none, or the port can't be had.</exception>
    public static async Task<HttpsListener> StartAsync(
        ApiServerOptions options, X509Certificate2 certificate, RequestDelegate handler, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.RequestTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options, certificate));
        WebApplication app = builder.Build();
        app.Run(handler);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            throw new StartupException(
                $"port {options.SecurePort} is in use: stop what listens there or choose another with --secure-port", e);
        }
        catch (SocketException e)
        {
            throw new StartupException($"cannot listen on {options.BindAddress}:{options.SecurePort}: {e.Message}", e);
        }

        return new HttpsListener(app);
    }

    /// <summary>Takes no more requests and returns when those that run have ended, at the latest when cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _app.StopAsync(cancellationToken);
        await _app.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, ApiServerOptions options, X509Certificate2 certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes + 1024;
        // As Go's server: a selector of thousands of names is a long line.
        kestrel.Limits.MaxRequestLineSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.ResponseHeaderEncodingSelector = ObjectResponse.HeaderEncoding;
        if (!IPAddress.TryParse(options.BindAddress, out IPAddress? address))
        {
            throw new StartupException($"--bind-address {options.BindAddress} is no IP address");
        }

        kestrel.Listen(address, options.SecurePort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseSocketOutput();
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                // Whoever shows a certificate is looked at by the authenticator: a stranger's is no credential.
                https.AllowAnyClientCertificate();
                if (OperatingSystem.IsLinux())
                {
                    https.OnAuthenticate = static (_, tls) => tls.CipherSuitesPolicy = s_ciphers;
                }
            });
            listen.UseGatheredOutput();
        });
    }
}
