using System.Buffers.Binary;
using System.Text;

namespace KubeLite.ApiServer.Tests.OpenApi;

/// <summary>A message of protobuf, read without knowing its type.</summary>
public sealed class WireMessage
{
    private readonly List<(int Field, byte[] Bytes)> _fields = [];

    /// <summary>Reads a message.</summary>
    public WireMessage(byte[] bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = Varint(bytes, ref at);
            int begin = at, length;
            switch (tag & 7)
            {
                case 0:
                    Varint(bytes, ref at);
                    length = at - begin;
                    break;
                case 1:
                    length = 8;
                    break;
                case 2:
                    length = (int)Varint(bytes, ref at);
                    begin = at;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at {at}");
            }

            _fields.Add(((int)(tag >> 3), bytes[begin..(begin + length)]));
            at = begin + length;
        }
    }

    /// <summary>The first text of a field.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    /// <summary>The first double of a field.</summary>
    public double Number(int field) => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(field));

    /// <summary>The first message of a field.</summary>
    public WireMessage Message(int field) => new(Bytes(field));

    /// <summary>The messages of a field.</summary>
    public IEnumerable<WireMessage> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => new WireMessage(f.Bytes));

    private byte[] Bytes(int field) => _fields.First(f => f.Field == field).Bytes;

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            value |= (ulong)(bytes[at] & 0x7F) << shift;
            if (bytes[at++] < 0x80)
            {
                return value;
            }
        }
    }
}
