using System.Buffers.Text;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>
/// An object's JSON as it is stored, which is without a resourceVersion since the store has it of its own, and where in it that
/// stands in what is served. Made by <see cref="JsonWriting.ToStored"/>. Immutable.
/// </summary>
public sealed class StoredJson
{
    private const int MaxDigits = 20;

    private readonly byte[] _bytes;
    private readonly int _at;
    private readonly bool _before, _behind;

    /// <summary>Takes over bytes.</summary>
    /// <param name="bytes">The JSON; it must not be changed.</param>
    /// <param name="at">Where the resourceVersion belongs: in the metadata, right behind a member or the opening brace.</param>
    /// <param name="before">True where another member of the metadata stands before it.</param>
    /// <param name="behind">True where another member of the metadata stands behind it.</param>
    internal StoredJson(byte[] bytes, int at, bool before, bool behind)
    {
        _bytes = bytes;
        _at = at;
        _before = before;
        _behind = behind;
    }

    /// <summary>The bytes for the store.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>How many bytes <see cref="Write"/> needs at the most.</summary>
    public int MaxLength => _bytes.Length + "\"resourceVersion\":\"\",\n"u8.Length + MaxDigits;

    /// <summary>Writes the object as it is served, a line feed behind it.</summary>
    /// <param name="target">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="revision">The revision under which it was stored.</param>
    /// <returns>How many bytes were written.</returns>
    public int Write(Span<byte> target, long revision)
    {
        int length = 0;
        Put(_bytes.AsSpan(0, _at), target, ref length);
        Put(_before ? ",\"resourceVersion\":\""u8 : "\"resourceVersion\":\""u8, target, ref length);
        Utf8Formatter.TryFormat(revision, target[length..], out int digits);
        length += digits;
        Put(_behind && !_before ? "\","u8 : "\""u8, target, ref length);
        Put(_bytes.AsSpan(_at), target, ref length);
        Put("\n"u8, target, ref length);
        return length;
    }

    private static void Put(ReadOnlySpan<byte> part, Span<byte> target, ref int length)
    {
        part.CopyTo(target[length..]);
        length += part.Length;
    }
}
