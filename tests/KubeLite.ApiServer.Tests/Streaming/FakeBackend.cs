using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeLite.ApiServer.Tests.Streaming;

/// <summary>What stands behind the API server, a kubelet for example: takes connections and lets the test speak over them.</summary>
public sealed class FakeBackend : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly Func<string, Stream, Task> _answer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private FakeBackend(IPAddress address, bool tls, Func<string, Stream, Task> answer)
    {
        _listener = new TcpListener(address, 0);
        _answer = answer;
        if (tls)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=fake", key, HashAlgorithmName.SHA256);
            using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        }

        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads of all requests that came in.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Heads { get; } = [];

    /// <summary>Starts one on loopback with TLS.</summary>
    /// <param name="answer">Gets the head of a request and the connection.</param>
    public static FakeBackend Start(Func<string, Stream, Task> answer) => new(IPAddress.Loopback, tls: true, answer);

    /// <summary>Starts one without TLS on an address.</summary>
    public static FakeBackend StartPlain(IPAddress address, Func<string, Stream, Task> answer) => new(address, tls: false, answer);

    /// <summary>Sends text as Latin-1.</summary>
    public static async Task WriteAsync(Stream stream, string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await stream.FlushAsync();
    }

    /// <summary>Sends back whatever comes, in upper case, until it ends.</summary>
    public static async Task ShoutAsync(Stream stream)
    {
        var buffer = new byte[4096];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            await WriteAsync(stream, Encoding.Latin1.GetString(buffer, 0, read).ToUpperInvariant());
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (_stopping.IsCancellationRequested
            && e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped, while it waited or between two connections.
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient tcp)
    {
        using (tcp)
        await using (_stopping.Token.Register(tcp.Close))
        {
            try
            {
                Stream stream = tcp.GetStream();
                if (_certificate is not null)
                {
                    var ssl = new SslStream(stream);
                    await ssl.AuthenticateAsServerAsync(_certificate);
                    stream = ssl;
                }

                var head = new StringBuilder();
                var one = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
                {
                    head.Append((char)one[0]);
                }

                Heads.Enqueue(head.ToString());
                await _answer(head.ToString(), stream);
                await stream.DisposeAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
            {
                // The other side ended it, or the test did.
            }
        }
    }
}
