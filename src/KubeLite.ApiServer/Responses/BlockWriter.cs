using System.Buffers;

namespace KubeLite.ApiServer.Responses;

/// <summary>
/// Takes memory of another writer in blocks of <see cref="BlockBytes"/>, and fills them with what is written: the pipe of a response
/// costs more by its calls than by its bytes where many small pieces are written. Not thread-safe.
/// </summary>
internal sealed class BlockWriter(IBufferWriter<byte> inner) : IBufferWriter<byte>
{
    /// <summary>A block: 64 KiB, of the size at which arrays are still collected with the youngest objects.</summary>
    private const int BlockBytes = 64 * 1024;

    private Memory<byte> _block;
    private int _filled;

    /// <summary>Gives the other writer what was written.</summary>
    public void Commit()
    {
        if (_filled > 0)
        {
            inner.Advance(_filled);
        }

        _block = default;
        _filled = 0;
    }

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _block.Length - _filled);
        _filled += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_block.Length - _filled < Math.Max(sizeHint, 1))
        {
            Commit();
            _block = inner.GetMemory(Math.Max(sizeHint, BlockBytes));
        }

        return _block[_filled..];
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
