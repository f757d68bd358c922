using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Writes the protobuf wire format.</summary>
public sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Writes an integer or boolean field.</summary>
    public void Integer(int field, long value)
    {
        Tag(field, 0);
        Varint((ulong)value);
    }

    /// <summary>Writes a floating point field.</summary>
    public void Double(int field, double value)
    {
        Tag(field, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    /// <summary>Writes a text field.</summary>
    public void Text(int field, string value)
    {
        Tag(field, 2);
        int length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length)));
    }

    /// <summary>Writes a field of bytes.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>Writes a message field.</summary>
    public void Message(int field, WireWriter inner) => Bytes(field, inner.Written);

    private void Tag(int field, int type) => Varint(((ulong)field << 3) | (uint)type);

    private void Varint(ulong value)
    {
        Span<byte> buffer = _bytes.GetSpan(10);
        int count = 0;
        while (value >= 0x80)
        {
            buffer[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        buffer[count++] = (byte)value;
        _bytes.Advance(count);
    }
}
