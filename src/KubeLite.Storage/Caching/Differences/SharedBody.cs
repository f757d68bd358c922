using System.Buffers;

namespace KubeLite.Storage.Caching.Differences;

/// <summary>The bytes of an entry as their difference to those of another, which it keeps. Immutable.</summary>
internal sealed class SharedBody
{
    // This object, and the head of the array.
    private const int Overhead = 56;

    private readonly CacheEntry _source;
    private readonly byte[] _difference;

    private SharedBody(CacheEntry source, byte[] difference)
    {
        _source = source;
        _difference = difference;
    }

    private int Length => ByteDifference.LengthOf(_difference);

    /// <summary>Shares with an entry; null where that doesn't save a third of the memory.</summary>
    /// <param name="json">The bytes to share.</param>
    /// <param name="source">With whose bytes.</param>
    /// <param name="sourceJson">The bytes of <paramref name="source"/>.</param>
    public static SharedBody? TryMake(ReadOnlySpan<byte> json, CacheEntry source, ReadOnlySpan<byte> sourceJson)
    {
        int most = (int)(json.Length * 2L / 3) - Overhead;
        return ByteDifference.TryMake(sourceJson, json, most) is { } difference ? new SharedBody(source, difference) : null;
    }

    /// <summary>Makes the bytes anew.</summary>
    public byte[] ToArray()
    {
        byte[] json = GC.AllocateUninitializedArray<byte>(Length);
        CopyTo(json);
        return json;
    }

    private void CopyTo(Span<byte> target)
    {
        // Read once: the source may come to share its own bytes at any time, and either form makes the same.
        object source = _source.Body;
        if (source is not SharedBody shared)
        {
            ByteDifference.Apply(_difference, (byte[])source, target);
            return;
        }

        byte[] between = ArrayPool<byte>.Shared.Rent(shared.Length);
        Span<byte> json = between.AsSpan(0, shared.Length);
        shared.CopyTo(json);
        ByteDifference.Apply(_difference, json, target);
        ArrayPool<byte>.Shared.Return(between);
    }
}
