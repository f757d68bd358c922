using System.Diagnostics;
using System.IO.Pipelines;

namespace KubeLite.Allocations.Tests;

/// <summary>Takes an answer's bytes into one buffer that is used over and over, and counts them and their lines. For one writer.</summary>
public sealed class CountingPipeWriter : PipeWriter
{
    private byte[] _buffer = new byte[64 << 10];
    private long _lines;

    /// <summary>Bytes written so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Lines written so far; safe to read from any thread.</summary>
    public long Lines => Volatile.Read(ref _lines);

    /// <summary>Waits until so many lines were written; allocates nothing.</summary>
    /// <exception cref="TimeoutException">They weren't in that time.</exception>
    public void WaitForLines(long lines, TimeSpan patience)
    {
        long begun = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (Lines < lines)
        {
            spin.SpinOnce();
            if (Stopwatch.GetElapsedTime(begun) > patience)
            {
                throw new TimeoutException($"{Lines} of {lines} lines after {patience}");
            }
        }
    }

    /// <inheritdoc />
    public override void Advance(int bytes)
    {
        Bytes += bytes;
        int lines = _buffer.AsSpan(0, bytes).Count((byte)'\n');
        if (lines > 0)
        {
            Volatile.Write(ref _lines, _lines + lines);
        }
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
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(false, false));

    /// <inheritdoc />
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
    }
}
