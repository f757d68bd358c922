using System.Buffers.Binary;
using System.Text;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Writes the protobuf wire format into one growing buffer. Not thread-safe.</summary>
public sealed class WireWriter
{
    private const int LongestVarint = 10;

    private byte[] _bytes = new byte[512];
    private int _count;

    /// <summary>What was written; valid until more is.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _count = 0;

    /// <summary>Writes an integer or boolean field.</summary>
    public void Integer(int field, long value)
    {
        Reserve(2 * LongestVarint);
        Tag(field, 0);
        Varint((ulong)value);
    }

    /// <summary>Writes a floating point field.</summary>
    public void Double(int field, double value)
    {
        Reserve(LongestVarint + sizeof(double));
        Tag(field, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(_count), value);
        _count += sizeof(double);
    }

    /// <summary>Writes a text field.</summary>
    public void Text(int field, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Reserve((2 * LongestVarint) + length);
        BeginBytes(field, length);
        Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_count));
        _count += length;
    }

    /// <summary>Writes a field of bytes.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Reserve((2 * LongestVarint) + value.Length);
        BeginBytes(field, value.Length);
        value.CopyTo(_bytes.AsSpan(_count));
        _count += value.Length;
    }

    /// <summary>Begins a message field: what is written until <see cref="End"/> is its content.</summary>
    /// <returns>What <see cref="End"/> needs.</returns>
    public int Begin(int field)
    {
        Reserve(LongestVarint + 1);
        Tag(field, 2);
        _count++;
        return _count;
    }

    /// <summary>Ends the message field that began last and hasn't ended.</summary>
    public void End(int begun)
    {
        // One byte was left for the length; most messages are short enough for it.
        int length = _count - begun, more = VarintSize((uint)length) - 1;
        if (more > 0)
        {
            Reserve(more);
            _bytes.AsSpan(begun, length).CopyTo(_bytes.AsSpan(begun + more));
        }

        _count = begun - 1;
        Varint((ulong)length);
        _count += length;
    }

    /// <summary>Writes the beginning of a field of that many bytes, which are written elsewhere.</summary>
    public void BeginBytes(int field, long length)
    {
        Reserve(2 * LongestVarint);
        Tag(field, 2);
        Varint((ulong)length);
    }

    /// <summary>How many bytes an integer takes.</summary>
    private static int VarintSize(ulong value) => value < 0x80 ? 1 : ((70 - System.Numerics.BitOperations.LeadingZeroCount(value)) / 7);

    private void Tag(int field, int type) => Varint(((ulong)field << 3) | (uint)type);

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes[_count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_count++] = (byte)value;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _count < more)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + more));
        }
    }
}
