using System.Buffers.Text;
using System.Diagnostics;

namespace KubeLite.Storage.Caching;

/// <summary>Final JSON bytes, and where in them the digits of resourceVersion are.</summary>
internal readonly record struct SplicedJson(byte[] Bytes, int RevisionStart, int RevisionLength)
{
    private const int MaxDigits = 20;

    /// <summary>Copies <paramref name="json"/> with the bytes from <paramref name="start"/> for <paramref name="length"/> replaced by
    /// prefix, the digits of <paramref name="revision"/>, and suffix.</summary>
    public static SplicedJson Splice(
        ReadOnlySpan<byte> json, int start, int length, ReadOnlySpan<byte> prefix, long revision, ReadOnlySpan<byte> suffix)
    {
        Span<byte> digits = stackalloc byte[MaxDigits];
        bool formatted = Utf8Formatter.TryFormat(revision, digits, out int digitCount);
        Debug.Assert(formatted, "a long has at most 20 characters");

        byte[] bytes = GC.AllocateUninitializedArray<byte>(json.Length - length + prefix.Length + digitCount + suffix.Length);
        Span<byte> target = bytes;
        json[..start].CopyTo(target);
        target = target[start..];
        prefix.CopyTo(target);
        target = target[prefix.Length..];
        digits[..digitCount].CopyTo(target);
        target = target[digitCount..];
        suffix.CopyTo(target);
        json[(start + length)..].CopyTo(target[suffix.Length..]);
        return new SplicedJson(bytes, start + prefix.Length, digitCount);
    }

    /// <summary>Copies final bytes with other digits.</summary>
    public static SplicedJson Replace(ReadOnlySpan<byte> json, int revisionStart, int revisionLength, long revision) =>
        Splice(json, revisionStart, revisionLength, [], revision, []);
}
