using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace KubeLite.ApiServer.Connections;

/// <summary>
/// Sends to a socket what is written, when it is written, or, between <see cref="Hold"/> and <see cref="ReleaseAsync"/>, in parts of
/// <see cref="HeldBytes"/>: what the kernel does for a TLS record alone costs several times what copying the record does. Not
/// thread-safe, as every pipe's writer. Never fails: whoever reads from the socket sees that it is broken.
/// </summary>
internal sealed class SocketWriter(Socket socket) : PipeWriter
{
    /// <summary>How much is held at most: 128 KiB.</summary>
    public const int HeldBytes = 128 * 1024;

    private byte[]? _buffer;
    private int _filled;
    private bool _holding;
    private bool _completed;

    /// <summary>From now on what is written may wait, until it is released.</summary>
    public void Hold() => _holding = true;

    /// <summary>Sends what was held.</summary>
    public async ValueTask ReleaseAsync()
    {
        _holding = false;
        await SendHeldAsync(CancellationToken.None);
        Return();
    }

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer is null || _buffer.Length - _filled < Math.Max(sizeHint, 1))
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(HeldBytes, _filled + sizeHint));
            _buffer.AsSpan(0, _filled).CopyTo(larger);
            Return();
            _buffer = larger;
        }

        return _buffer.AsMemory(_filled);
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc />
    public override void Advance(int bytes) => _filled += bytes;

    /// <inheritdoc />
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_holding)
        {
            await SendHeldAsync(cancellationToken);
            Return();
        }

        return new FlushResult(isCanceled: false, _completed);
    }

    /// <inheritdoc />
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_holding && _filled + source.Length <= HeldBytes)
        {
            source.CopyTo(GetMemory(source.Length));
            _filled += source.Length;
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _completed));
        }

        return _filled == 0 ? SendAsync(source, cancellationToken) : SendHeldAndWriteAsync(source, cancellationToken);
    }

    /// <inheritdoc />
    public override void CancelPendingFlush()
    {
        // Nobody does: who gives a connection up closes its socket.
    }

    /// <inheritdoc />
    public override void Complete(Exception? exception = null) => _completed = true;

    private async ValueTask<FlushResult> SendHeldAndWriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        await SendHeldAsync(cancellationToken);
        return await WriteAsync(source, cancellationToken);
    }

    private async ValueTask SendHeldAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            await SendAsync(_buffer.AsMemory(0, _filled), cancellationToken);
            _filled = 0;
        }
    }

    private async ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!_completed && bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _completed = true;
        }

        return new FlushResult(isCanceled: false, _completed);
    }

    private void Return()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
