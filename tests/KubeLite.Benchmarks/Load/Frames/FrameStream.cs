namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>One answer of a <see cref="FrameConnection"/>, told of it by the connection's reader, one thing after another.</summary>
internal abstract class FrameStream
{
    private readonly TaskCompletionSource<bool> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream's number; the connection's.</summary>
    public int Id { get; set; }

    /// <summary>Bytes that were taken and that the server was not told of; the connection's.</summary>
    public int Untold { get; set; }

    /// <summary>Whether the answer's headers have come.</summary>
    public bool Begun => _begun.Task.IsCompleted;

    /// <summary>Whether the answer is 200, when its headers have come.</summary>
    public Task<bool> Beginning => _begun.Task;

    /// <summary>Whether the answer was 200 and came whole, when it has ended.</summary>
    public Task<bool> Ending => _ended.Task;

    /// <summary>Takes a part of the body.</summary>
    public abstract void Take(ReadOnlySpan<byte> data);

    /// <summary>Takes the headers.</summary>
    public void Begin(bool ok) => _begun.TrySetResult(ok);

    /// <summary>No more comes.</summary>
    public void End(bool complete)
    {
        _begun.TrySetResult(false);
        _ended.TrySetResult(complete && _begun.Task.Result);
    }
}
