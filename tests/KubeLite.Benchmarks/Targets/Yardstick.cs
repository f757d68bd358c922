using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.Benchmarks.Load;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeLite.Benchmarks.Targets;

/// <summary>
/// The fastest that Kestrel can be over the same TLS on this machine at this moment: an endpoint that answers nothing, and one that
/// answers one static array. Runs as a process of its own, as the server under test does.
/// </summary>
public sealed class Yardstick : IAsyncDisposable
{
    /// <summary>The subcommand under which this program serves it.</summary>
    public const string Command = "yardstick";

    private readonly ChildServer _child;

    private Yardstick(ChildServer child, ServerClient client)
    {
        _child = child;
        Client = client;
    }

    /// <summary>A client of it.</summary>
    public ServerClient Client { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="file">Holds the array.</param>
    public static async Task<Yardstick> StartAsync(string file)
    {
        int port = ChildServer.FreePort();
        ChildServer child = ChildServer.Start("dotnet", Environment.GetCommandLineArgs()[0], Command, file, $"{port}");
        var client = new ServerClient(ServerAccess.Any(new Uri($"https://127.0.0.1:{port}"), ""));
        while (true)
        {
            child.ThrowIfEnded();
            try
            {
                await client.SendAsync(HttpMethod.Get, "/empty");
                return new Yardstick(child, client);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Serves until the process is ended.</summary>
    public static async Task ServeAsync(string file, int port)
    {
        byte[] array = await File.ReadAllBytesAsync(file);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=yardstick", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(500));
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(certificate);
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        WebApplication app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == "/array")
            {
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = array.Length;
                return context.Response.Body.WriteAsync(array, context.RequestAborted).AsTask();
            }

            return Task.CompletedTask;
        });
        await app.RunAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _child.DisposeAsync();
    }
}
