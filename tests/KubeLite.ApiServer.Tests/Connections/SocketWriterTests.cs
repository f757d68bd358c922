using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using KubeLite.ApiServer.Connections;
using Xunit;

namespace KubeLite.ApiServer.Tests.Connections;

public sealed class SocketWriterTests : IAsyncLifetime
{
    private static readonly CancellationToken s_token = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private Socket _near = null!;
    private Socket _far = null!;

    public async Task InitializeAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _near = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _near.ConnectAsync(listener.LocalEndPoint!, s_token);
        _far = await listener.AcceptAsync(s_token);
    }

    public Task DisposeAsync()
    {
        _near.Dispose();
        _far.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task WriteAsync_NotHeld_SendsAtOnce()
    {
        var writer = new SocketWriter(_near);

        FlushResult result = await writer.WriteAsync(Bytes(1000), s_token);

        Assert.False(result.IsCompleted);
        Assert.Equal(Bytes(1000), await ReadAsync(1000));
    }

    [Fact]
    public async Task Hold_SmallWritesAndFlushes_SendNothingBeforeRelease()
    {
        var writer = new SocketWriter(_near);
        byte[] all = Bytes(3000);
        writer.Hold();

        for (int i = 0; i < 3; i++)
        {
            await writer.WriteAsync(all.AsMemory(i * 1000, 1000), s_token);
            await writer.FlushAsync(s_token);
        }

        Assert.Equal(0, _far.Available);
        await writer.ReleaseAsync();
        Assert.Equal(all, await ReadAsync(3000));
    }

    [Theory]
    [InlineData(SocketWriter.HeldBytes)]
    [InlineData(SocketWriter.HeldBytes + 1)]
    [InlineData(1)]
    [InlineData(50_000)]
    public async Task Hold_MoreThanFits_ArrivesInOrder(int part)
    {
        var writer = new SocketWriter(_near);
        byte[] all = Bytes(Math.Min(10_000, 10 * SocketWriter.HeldBytes / part) * part);
        Task<byte[]> read = ReadAsync(all.Length);
        writer.Hold();

        for (int at = 0; at < all.Length; at += part)
        {
            await writer.WriteAsync(all.AsMemory(at, part), s_token);
        }

        await writer.ReleaseAsync();
        Assert.Equal(all, await read);
    }

    [Fact]
    public async Task GetMemory_Advanced_IsSentByFlushBeforeWhatIsWrittenNext()
    {
        var writer = new SocketWriter(_near);
        byte[] all = Bytes(2000);

        all.AsSpan(0, 1000).CopyTo(writer.GetSpan(1000));
        writer.Advance(1000);
        await writer.WriteAsync(all.AsMemory(1000), s_token);

        Assert.Equal(all, await ReadAsync(2000));
    }

    [Fact]
    public async Task WriteAsync_PeerIsGone_SaysSoAndDoesNotFail()
    {
        var writer = new SocketWriter(_near);
        _far.LingerState = new LingerOption(true, 0);
        _far.Dispose();

        FlushResult result = default;
        while (!result.IsCompleted)
        {
            s_token.ThrowIfCancellationRequested();
            result = await writer.WriteAsync(Bytes(1000), s_token);
        }

        writer.Hold();
        Assert.True((await writer.WriteAsync(Bytes(1000), s_token)).IsCompleted);
        await writer.ReleaseAsync();
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] read = new byte[count];
        for (int filled = 0; filled < count;)
        {
            int more = await _far.ReceiveAsync(read.AsMemory(filled), s_token);
            Assert.NotEqual(0, more);
            filled += more;
        }

        return read;
    }
}
