using System.Buffers.Binary;
using System.Text;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>Writes protobuf's wire format: tags, lengths, bytes. What has its type's default value is left out, as in proto3.</summary>
internal sealed class ProtobufWriter
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public void Text(int field, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            Bytes(field, Encoding.UTF8.GetBytes(text));
        }
    }

    public void Texts(int field, JsonList? texts)
    {
        foreach (string text in texts?.Strings() ?? [])
        {
            Bytes(field, Encoding.UTF8.GetBytes(text));
        }
    }

    public void Flag(int field, bool flag)
    {
        if (flag)
        {
            Integer(field, 1);
        }
    }

    public void Integer(int field, long value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }
    }

    public void Number(int field, double value)
    {
        if (value != 0)
        {
            Choice(field, value);
        }
    }

    /// <summary>A member of a oneof, which is written whatever its value.</summary>
    public void Choice(int field, bool value)
    {
        Varint((ulong)field << 3);
        Varint(value ? 1ul : 0);
    }

    /// <summary>As above.</summary>
    public void Choice(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>As above.</summary>
    public void Choice(int field, double value)
    {
        Varint(((ulong)field << 3) | 1);
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(eight, value);
        _bytes.Write(eight);
    }

    public void Message(int field, Action<ProtobufWriter> write)
    {
        var inner = new ProtobufWriter();
        write(inner);
        Bytes(field, inner._bytes.GetBuffer().AsSpan(0, (int)inner._bytes.Length));
    }

    private void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)bytes.Length);
        _bytes.Write(bytes);
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)value);
    }
}
