using System.Diagnostics;
using System.IO.Pipelines;

namespace KubeLite.Allocations.Tests;

/// <summary>
/// Takes an answer's bytes into one buffer that is used over and over, and counts them and how often they were sent. For one writer.
/// </summary>
public sealed class CountingPipeWriter : PipeWriter
{
    private byte[] _buffer = new byte[64 << 10];
    private long _sent;
    private bool _unsent;

    /// <summary>Bytes written so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>How often written bytes were sent so far; safe to read from any thread.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Waits until bytes were sent so often; allocates nothing.</summary>
    /// <exception cref="TimeoutException">They weren't in that time.</exception>
    public void WaitForSent(long times, TimeSpan patience)
    {
        long begun = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (Sent < times)
        {
            spin.SpinOnce();
            if (Stopwatch.GetElapsedTime(begun) > patience)
            {
                throw new TimeoutException($"sent {Sent} times, not {times}, after {patience}");
            }
        }
    }

    /// <inheritdoc />
    public override void Advance(int bytes)
    {
        Bytes += bytes;
        _unsent |= bytes > 0;
    }

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _buffer.Length)
        {
            _buffer = new byte[sizeHint];
        }

        return _buffer;
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc />
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_unsent)
        {
            _unsent = false;
            Volatile.Write(ref _sent, _sent + 1);
        }

        return new(new FlushResult(false, false));
    }

    /// <inheritdoc />
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
    }
}
