using System.Buffers.Binary;
using KubeLite.ApiMachinery.Decoding;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Reads the protobuf wire format. A text that isn't in it is refused, never read past.</summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True at the end.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads a field's number and wire type.</summary>
    /// <exception cref="DecodeException">The text is malformed.</exception>
    public (int Field, int Type) ReadTag()
    {
        ulong tag = ReadVarint();
        int field = (int)(tag >> 3);
        return field > 0 ? (field, (int)(tag & 7)) : throw new DecodeException($"proto: illegal tag {field} (wire type {tag & 7})");
    }

    /// <summary>Reads a variable-length integer.</summary>
    /// <exception cref="DecodeException">The text is malformed.</exception>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty)
            {
                throw new DecodeException("unexpected EOF");
            }

            byte b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new DecodeException("proto: integer overflow");
    }

    /// <summary>Reads eight bytes.</summary>
    /// <exception cref="DecodeException">The text ends too early.</exception>
    public double ReadDouble() => BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(Take(8)));

    /// <summary>Reads bytes that their length precedes.</summary>
    /// <exception cref="DecodeException">The text ends too early.</exception>
    public ReadOnlySpan<byte> ReadBytes()
    {
        ulong length = ReadVarint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw new DecodeException("unexpected EOF");
    }

    /// <summary>Passes over a value of a wire type.</summary>
    /// <exception cref="DecodeException">The type is unknown or the text ends too early.</exception>
    public void Skip(int type)
    {
        switch (type)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                ReadBytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new DecodeException($"proto: illegal wireType {type}");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new DecodeException("unexpected EOF");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
