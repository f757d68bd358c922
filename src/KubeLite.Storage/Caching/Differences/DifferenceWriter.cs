namespace KubeLite.Storage.Caching.Differences;

/// <summary>Writes the steps of a difference into a buffer that may prove too short: then nothing more is written.</summary>
internal ref struct DifferenceWriter(Span<byte> buffer)
{
    private const int MaxNumber = 5;

    private readonly Span<byte> _buffer = buffer;
    private ReadOnlySpan<byte> _literals;
    private int _copied;

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>True once the buffer was too short.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes a varint.</summary>
    public void Number(uint value)
    {
        if (_buffer.Length - Length < MaxNumber)
        {
            IsFull = true;
            return;
        }

        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    /// <summary>Says which bytes go before the next copy or the end; asked for once for each.</summary>
    public void Literals(ReadOnlySpan<byte> bytes) => _literals = bytes;

    /// <summary>Writes the literals and a copy of bytes of the base behind them; nothing, and the literals wait, where it copies no
    /// bytes.</summary>
    public void Copy(int start, int length)
    {
        if (length == 0)
        {
            return;
        }

        int moved = start - (_copied + _literals.Length);
        WriteLiterals();
        Number((uint)length);
        Number((uint)((moved << 1) ^ (moved >> 31)));
        _copied = start + length;
    }

    /// <summary>Writes the literals that wait.</summary>
    public void End()
    {
        if (_literals.Length > 0)
        {
            WriteLiterals();
        }
    }

    private void WriteLiterals()
    {
        Number((uint)_literals.Length);
        if (!_literals.TryCopyTo(_buffer[Length..]))
        {
            IsFull = true;
            return;
        }

        Length += _literals.Length;
        _literals = default;
    }
}
