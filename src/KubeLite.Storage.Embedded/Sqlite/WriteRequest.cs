namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>What a write request asks for.</summary>
internal enum WriteKind
{
    Put,
    Delete,

    /// <summary>Answers when history up to <see cref="WriteRequest.Expected"/> is compacted.</summary>
    Compact,

    /// <summary>Answers when the writer gets to it: a sign of life.</summary>
    Ping,
}

/// <summary>One request to the writer; completes once its transaction is on disk.</summary>
internal sealed class WriteRequest(WriteKind kind, string key, ReadOnlyMemory<byte> value, long? expected, long? expires)
    : TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public WriteKind Kind { get; } = kind;

    public string Key { get; } = key;

    public ReadOnlyMemory<byte> Value { get; } = value;

    /// <summary>The expected mod revision; for Compact the revision.</summary>
    public long? Expected { get; } = expected;

    /// <summary>When the key expires, in milliseconds of Unix time; null for never.</summary>
    public long? Expires { get; } = expires;

    /// <summary>The answer, set inside the transaction and given out after the commit.</summary>
    public WriteResult Result { get; set; }

    /// <summary>The failure of this request alone, if any.</summary>
    public StoreException? Failure { get; set; }

    /// <summary>Gives out the answer.</summary>
    public void Answer()
    {
        if (Failure is not null)
        {
            TrySetException(Failure);
        }
        else
        {
            TrySetResult(Result);
        }
    }
}
