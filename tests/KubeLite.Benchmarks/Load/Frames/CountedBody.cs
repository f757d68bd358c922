namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>An answer whose bytes are counted.</summary>
internal sealed class CountedBody : FrameStream
{
    /// <summary>How many have come.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc />
    public override void Take(ReadOnlySpan<byte> data) => Bytes += data.Length;
}
