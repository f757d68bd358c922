using System.Buffers.Binary;

namespace KubeLite.ApiServer.Streaming.Spdy;

/// <summary>The head of a frame of SPDY/3.1 (sections 2.2 and 2.6 of its draft), eight bytes.</summary>
/// <param name="IsControl">True for a control frame, false for data.</param>
/// <param name="Type">What a control frame is; 0 for data.</param>
/// <param name="StreamId">The stream of a data frame; 0 for control frames, which name it in their payload.</param>
/// <param name="IsLast">True where its sender sends no more on the stream.</param>
/// <param name="Length">The payload's length in bytes.</param>
public readonly record struct SpdyFrame(bool IsControl, int Type, int StreamId, bool IsLast, int Length)
{
    /// <summary>The length of a head in bytes.</summary>
    public const int HeadSize = 8;

    /// <summary>Opens a stream.</summary>
    public const int SynStream = 1;

    /// <summary>Accepts a stream.</summary>
    public const int SynReply = 2;

    /// <summary>Ends a stream at once, in both directions.</summary>
    public const int RstStream = 3;

    /// <summary>Is sent back as it came.</summary>
    public const int Ping = 6;

    /// <summary>Announces the end of the connection.</summary>
    public const int GoAway = 7;

    private const int Version = 3;
    private const byte Last = 1;

    /// <summary>Reads a head.</summary>
    public static SpdyFrame Read(ReadOnlySpan<byte> head)
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(head), second = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        bool control = first >> 31 == 1;
        return new SpdyFrame(
            control,
            control ? (int)(first & 0xFFFF) : 0,
            control ? 0 : (int)(first & 0x7FFFFFFF),
            (second >> 24 & Last) != 0,
            (int)(second & 0xFFFFFF));
    }

    /// <summary>Writes the head.</summary>
    public void Write(Span<byte> head)
    {
        uint first = IsControl ? 1u << 31 | Version << 16 | (uint)Type : (uint)StreamId;
        BinaryPrimitives.WriteUInt32BigEndian(head, first);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], (IsLast ? (uint)Last << 24 : 0) | (uint)Length);
    }
}
