using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace KubeLite.Storage.Caching.Differences;

/// <summary>Bytes as their difference to similar bytes: runs copied from the base, and literal ones between them. Takes time in
/// proportion to the lengths.</summary>
/// <remarks>A difference is the length of what it makes, then steps until that is reached: how many literal bytes, those bytes, how many
/// bytes to copy, and where from, relative to as far behind the last copy as literals were written since (0 after an edit that kept the
/// length). All numbers are varints, the last one zigzag. The copy is left out where the literals were the last bytes.</remarks>
internal static class ByteDifference
{
    // What is looked up: shorter runs cost as much as a copy as they do as literals.
    private const int Window = sizeof(ulong);

    // A copy ends the literals and begins others: off the diagonal a short one saves nothing.
    private const int MinCopy = 12;

    // Between the windows of the base that are indexed: runs of Window + Step - 1 bytes are always found in bases up to
    // Step * MaxIndexed bytes, in longer ones only longer runs.
    private const int Step = 4;
    private const int MaxIndexed = 1 << 14;

    /// <summary>The difference that makes <paramref name="target"/> of <paramref name="from"/>; null where it needs more than
    /// <paramref name="maxLength"/> bytes.</summary>
    public static byte[]? TryMake(ReadOnlySpan<byte> from, ReadOnlySpan<byte> target, int maxLength)
    {
        if (maxLength <= 0)
        {
            return null;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(maxLength);
        DifferenceWriter writer = new(buffer.AsSpan(0, maxLength));
        writer.Number((uint)target.Length);
        int prefix = from.CommonPrefixLength(target);
        int suffix = CommonSuffixLength(from[prefix..], target[prefix..]);
        writer.Copy(0, prefix);
        WriteMiddle(ref writer, from[..^suffix], target[..^suffix], prefix);
        writer.Copy(from.Length - suffix, suffix);
        writer.End();
        byte[]? made = writer.IsFull ? null : buffer.AsSpan(0, writer.Length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return made;
    }

    /// <summary>How many bytes a difference makes.</summary>
    public static int LengthOf(ReadOnlySpan<byte> difference) => Number(ref difference);

    /// <summary>Makes the target's bytes again.</summary>
    /// <param name="difference">What <see cref="TryMake"/> made.</param>
    /// <param name="from">The bytes that it was made with.</param>
    /// <param name="target">Where to, exactly <see cref="LengthOf"/> bytes.</param>
    public static void Apply(ReadOnlySpan<byte> difference, ReadOnlySpan<byte> from, Span<byte> target)
    {
        Number(ref difference);
        int copied = 0;
        while (target.Length > 0)
        {
            int literals = Number(ref difference);
            difference[..literals].CopyTo(target);
            difference = difference[literals..];
            target = target[literals..];
            if (target.Length == 0)
            {
                return;
            }

            int length = Number(ref difference);
            int zigzag = Number(ref difference);
            int start = copied + literals + ((zigzag >>> 1) ^ -(zigzag & 1));
            from.Slice(start, length).CopyTo(target);
            target = target[length..];
            copied = start + length;
        }
    }

    /// <summary>Writes what lies behind the common prefix, all of which was written.</summary>
    private static void WriteMiddle(ref DifferenceWriter writer, ReadOnlySpan<byte> from, ReadOnlySpan<byte> target, int prefix)
    {
        if (target.Length - prefix < MinCopy || from.Length - prefix < MinCopy)
        {
            writer.Literals(target[prefix..]);
            return;
        }

        int step = Math.Max(Step, (from.Length - prefix) / MaxIndexed);
        int bits = BitOperations.Log2((uint)((from.Length - prefix) / step) + 1) + 2;
        int[] index = ArrayPool<int>.Shared.Rent(1 << bits);
        Array.Clear(index, 0, 1 << bits);
        for (int i = prefix; i <= from.Length - Window; i += step)
        {
            index[Hash(WindowAt(from, i), bits)] = i;
        }

        int written = prefix;
        int diagonal = 0;
        int at = prefix;
        while (at <= target.Length - Window && !writer.IsFull)
        {
            ulong window = WindowAt(target, at);
            bool straight = at + diagonal <= from.Length - Window && WindowAt(from, at + diagonal) == window;
            int found = straight ? at + diagonal : index[Hash(window, bits)];

            // 0 is an empty place, or a window that the prefix would have taken.
            if (found == 0 || (!straight && WindowAt(from, found) != window))
            {
                at++;
                continue;
            }

            int back = 0;
            while (at - back > written && found - back > 0 && target[at - back - 1] == from[found - back - 1])
            {
                back++;
            }

            int length = back + Window + from[(found + Window)..].CommonPrefixLength(target[(at + Window)..]);
            if (!straight && length < MinCopy)
            {
                at++;
                continue;
            }

            int begin = at - back;
            writer.Literals(target[written..begin]);
            writer.Copy(found - back, length);
            at = begin + length;
            written = at;
            diagonal = found - back - begin;
        }

        writer.Literals(target[written..]);
        ArrayPool<int>.Shared.Return(index);
    }

    private static ulong WindowAt(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static int Hash(ulong window, int bits) => (int)((window * 0x9E3779B97F4A7C15) >> (64 - bits));

    private static int CommonSuffixLength(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int most = Math.Min(one.Length, other.Length);
        int length = 0;
        while (length <= most - Window && WindowAt(one, one.Length - length - Window) == WindowAt(other, other.Length - length - Window))
        {
            length += Window;
        }

        while (length < most && one[one.Length - length - 1] == other[other.Length - length - 1])
        {
            length++;
        }

        return length;
    }

    private static int Number(ref ReadOnlySpan<byte> bytes)
    {
        uint value = 0;
        int shift = 0;
        int at = 0;
        byte part;
        do
        {
            part = bytes[at++];
            value |= (uint)(part & 0x7F) << shift;
            shift += 7;
        }
        while (part >= 0x80);

        bytes = bytes[at..];
        return (int)value;
    }
}
