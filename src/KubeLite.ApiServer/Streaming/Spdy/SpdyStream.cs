namespace KubeLite.ApiServer.Streaming.Spdy;

/// <summary>
/// A stream of a SPDY connection. What it sends may come from any thread; what it receives comes from the connection's reader.
/// </summary>
public sealed class SpdyStream
{
    private readonly SpdyConnection _connection;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> _received;
    private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closed;

    internal SpdyStream(SpdyConnection connection, int id, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> received)
    {
        _connection = connection;
        _received = received;
        Id = id;
        // It fails only where somebody waits for it.
        _ = _accepted.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>Ends when the other side sends no more: it said so, reset the stream or went away. Never fails.</summary>
    public Task Ended => _ended.Task;

    internal Task Accepted => _accepted.Task;

    /// <summary>Sends bytes; after the stream was closed they are dropped.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _closed != 0 ? ValueTask.CompletedTask : _connection.WriteDataAsync(Id, bytes, last: false, cancellationToken);

    /// <summary>Tells the other side that nothing more comes; does nothing the second time.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _closed, 1) != 0
            ? ValueTask.CompletedTask
            : _connection.WriteDataAsync(Id, default, last: true, cancellationToken);

    internal void Accept() => _accepted.TrySetResult();

    internal ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _received(bytes, cancellationToken);

    internal void End(string why)
    {
        _accepted.TrySetException(new IOException(why));
        _ended.TrySetResult();
    }
}
