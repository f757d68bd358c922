namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>An answer that comes in lines.</summary>
/// <param name="line">Is given each line, without its end, on the thread that reads the connection.</param>
internal sealed class LinedBody(LinedBody.Line line) : FrameStream
{
    private byte[] _begun = new byte[4 << 10];
    private int _length;

    /// <summary>Takes a line.</summary>
    public delegate void Line(ReadOnlySpan<byte> line);

    /// <inheritdoc />
    public override void Take(ReadOnlySpan<byte> data)
    {
        for (int end; (end = data.IndexOf((byte)'\n')) >= 0; data = data[(end + 1)..])
        {
            if (_length == 0)
            {
                line(data[..end]);
                continue;
            }

            Keep(data[..end]);
            line(_begun.AsSpan(0, _length));
            _length = 0;
        }

        Keep(data);
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        if (_length + data.Length > _begun.Length)
        {
            Array.Resize(ref _begun, Math.Max(_begun.Length * 2, _length + data.Length));
        }

        data.CopyTo(_begun.AsSpan(_length));
        _length += data.Length;
    }
}
