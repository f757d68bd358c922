using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using KubeLite.Benchmarks.Load;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeLite.Benchmarks.Targets;

/// <summary>
/// The fastest that Kestrel can be over the same TLS on this machine at this moment: an endpoint that answers nothing, one that
/// answers one static array, and one that sends what it gets to all who listen. Runs as a process of its own, as the server under
/// test does.
/// </summary>
public sealed class Yardstick : IAsyncDisposable
{
    /// <summary>The subcommand under which this program serves it.</summary>
    public const string Command = "yardstick";

    /// <summary>Answers nothing.</summary>
    public const string Empty = "/empty";

    /// <summary>Answers the array.</summary>
    public const string Array = "/array";

    /// <summary>GET listens, POST sends its body to all who do and is answered with it.</summary>
    public const string Events = "/events";

    private readonly ChildServer _child;

    private Yardstick(ChildServer child, ServerClient client)
    {
        _child = child;
        Client = client;
    }

    /// <summary>A client of it.</summary>
    public ServerClient Client { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="array">What <see cref="Array"/> answers.</param>
    public static async Task<Yardstick> StartAsync(byte[] array)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, array);
            return await StartAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<Yardstick> StartAsync(string file)
    {
        int port = ChildServer.FreePort();
        ChildServer child = ChildServer.Start("dotnet", Environment.GetCommandLineArgs()[0], Command, file, $"{port}");
        var client = new ServerClient(ServerAccess.Any(new Uri($"https://127.0.0.1:{port}"), ""));
        while (true)
        {
            child.ThrowIfEnded();
            try
            {
                await client.SendAsync(HttpMethod.Get, Empty);
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
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = 1000);
        builder.WebHost.UseKestrelHttpsConfiguration();
        WebApplication app = builder.Build();
        var listeners = new ConcurrentDictionary<Channel<byte[]>, bool>();
        app.Run(context =>
        {
            switch (context.Request.Path.Value)
            {
                case Array:
                    context.Response.ContentType = "application/json";
                    context.Response.ContentLength = array.Length;
                    return context.Response.Body.WriteAsync(array, context.RequestAborted).AsTask();
                case Events:
                    return HttpMethods.IsPost(context.Request.Method)
                        ? PublishAsync(context, listeners.Keys)
                        : ListenAsync(context, listeners);
                default:
                    return Task.CompletedTask;
            }
        });
        await app.RunAsync();
    }

    private static async Task PublishAsync(HttpContext context, IEnumerable<Channel<byte[]>> listeners)
    {
        byte[] body = new byte[(int)context.Request.ContentLength!];
        await context.Request.Body.ReadExactlyAsync(body);
        foreach (Channel<byte[]> listener in listeners)
        {
            listener.Writer.TryWrite(body);
        }

        await context.Response.Body.WriteAsync(body);
    }

    private static async Task ListenAsync(HttpContext context, ConcurrentDictionary<Channel<byte[]>, bool> listeners)
    {
        var mine = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        listeners.TryAdd(mine, true);
        try
        {
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            while (await mine.Reader.WaitToReadAsync(context.RequestAborted))
            {
                while (mine.Reader.TryRead(out byte[]? body))
                {
                    context.Response.BodyWriter.Write(body);
                }

                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever listened has gone.
        }
        finally
        {
            listeners.TryRemove(mine, out _);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _child.DisposeAsync();
    }
}
