namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>Reads over several connections to one server what is large or long. Thread-safe.</summary>
internal sealed class FrameClient : IAsyncDisposable
{
    private const int Connections = 8;

    private readonly FrameConnection[] _connections;
    private int _turn;

    private FrameClient(FrameConnection[] connections) => _connections = connections;

    /// <summary>Connects.</summary>
    public static async Task<FrameClient> OpenAsync(ServerAccess access) =>
        new(await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => FrameConnection.Open(access)))));

    /// <summary>Reads a whole answer, which isn't kept.</summary>
    /// <returns>The bytes of the answer's body; -1 where the server refused.</returns>
    public async Task<long> ReadAsync(string path, string? accept = null)
    {
        var body = new CountedBody();
        Next().Get(path, accept, body);
        return await body.Ending ? body.Bytes : -1;
    }

    /// <summary>Begins to read an answer that goes on, and returns when it has begun.</summary>
    /// <exception cref="IOException">The server refused.</exception>
    public async Task<FrameStream> FollowAsync(string path, LinedBody.Line line)
    {
        var body = new LinedBody(line);
        Next().Get(path, null, body);
        return await body.Beginning ? body : throw new IOException($"the server refused {path}");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (FrameConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private FrameConnection Next() => _connections[(uint)Interlocked.Increment(ref _turn) % Connections];
}
