using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>A TLS connection over which a test speaks HTTP/1.1 byte by byte; what takes longer than half a minute fails.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    private RawConnection(TcpClient tcp, SslStream stream)
    {
        _tcp = tcp;
        Stream = stream;
    }

    /// <summary>The connection's bytes.</summary>
    public SslStream Stream { get; }

    /// <summary>Connects to a server.</summary>
    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port);
        var ssl = new SslStream(tcp.GetStream(), false, static (_, _, _, _) => true);
        await ssl.AuthenticateAsClientAsync(server.Host);
        return new RawConnection(tcp, ssl);
    }

    /// <summary>Sends text as Latin-1.</summary>
    public async Task WriteAsync(string text)
    {
        await Stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await Stream.FlushAsync();
    }

    /// <summary>Reads up to the empty line that ends the headers.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await Stream.ReadAsync(one, _patience.Token) == 0)
            {
                throw new EndOfStreamException($"the connection ended within the headers: {head}");
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public async Task<string> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, _patience.Token);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>Reads the body of which a head told the length.</summary>
    public Task<string> ReadBodyAsync(string head)
    {
        const string Name = "\r\nContent-Length: ";
        int at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        return ReadAsync(int.Parse(head[at..head.IndexOf("\r\n", at, StringComparison.Ordinal)]));
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await Stream.CopyToAsync(all, _patience.Token);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _tcp.Dispose();
        _patience.Dispose();
    }
}
