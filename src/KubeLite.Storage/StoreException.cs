namespace KubeLite.Storage;

/// <summary>The only exception the storage projects throw, apart from <see cref="OperationCanceledException"/> for a cancelled
/// token. Messages are one line; those of start-up problems say what to do.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Makes an exception with its code.</summary>
    public StoreException(StoreErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>Why the call failed.</summary>
    public StoreErrorCode Code { get; }

    /// <summary>With <see cref="StoreErrorCode.Compacted"/>: the oldest revision that can still be read or watched after; 0 when the
    /// backend did not say.</summary>
    public long CompactRevision { get; init; }

    /// <summary>With <see cref="StoreErrorCode.FutureRevision"/> or a timed-out wait: the newest revision known; otherwise 0.</summary>
    public long CurrentRevision { get; init; }

    /// <summary>The error for a revision that compaction has removed.</summary>
    public static StoreException Compacted(long revision, long compactRevision) =>
        new(StoreErrorCode.Compacted, $"revision {revision} has been compacted (oldest available: {compactRevision})")
        {
            CompactRevision = compactRevision,
        };

    /// <summary>The error for a revision that the store has not reached.</summary>
    public static StoreException FutureRevision(long revision, long currentRevision) =>
        new(StoreErrorCode.FutureRevision, $"revision {revision} lies in the future (current: {currentRevision})")
        {
            CurrentRevision = currentRevision,
        };
}
