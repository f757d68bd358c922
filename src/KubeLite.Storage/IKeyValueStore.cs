namespace KubeLite.Storage;

/// <summary>A revisioned store of bytes with the semantics of etcd v3: every successful write raises the one store-wide revision,
/// old revisions stay readable until they are compacted. An empty store is at revision 1.</summary>
/// <remarks>Safe for concurrent use. Every method throws <see cref="StoreException"/> with a code, or
/// <see cref="OperationCanceledException"/>, and nothing else. Keys are ordered ordinally. A write that was acknowledged is durable
/// to the degree the backend promises (memory: not at all; SQLite and etcd: survives a killed process and a power cut).</remarks>
public interface IKeyValueStore : IAsyncDisposable
{
    /// <summary>The newest compact revision this process knows of; 0 when nothing was compacted. Reads at older revisions, and
    /// watches after older revisions, fail with <see cref="StoreErrorCode.Compacted"/>.</summary>
    long CompactedRevision { get; }

    /// <summary>True when <see cref="GetRevisionAsync"/> answers at once from memory, so that sharing requests is not worthwhile.</summary>
    bool RevisionIsLocal { get; }

    /// <summary>The current revision, linearizably: at least as new as every write acknowledged to anyone before the call.</summary>
    ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken);

    /// <summary>The newest pair of a key, linearizably; null when there is none.</summary>
    ValueTask<KeyValue?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads a range of keys at one revision.</summary>
    /// <exception cref="StoreException">Compacted or FutureRevision for a <see cref="RangeQuery.Revision"/> that can't be read.</exception>
    ValueTask<RangeResult> RangeAsync(RangeQuery query, CancellationToken cancellationToken);

    /// <summary>Writes a key if its precondition holds, atomically.</summary>
    /// <param name="key">The key, not empty.</param>
    /// <param name="value">The bytes; the caller must not change them afterwards.</param>
    /// <param name="expectedModRevision">Null: unconditional. 0: the key must not exist. Otherwise: its ModRevision must be this.</param>
    /// <param name="timeToLive">Null: kept until deleted. Otherwise the key is deleted at the earliest after this time (positive; the
    /// backend may round it up, etcd to as much as 60 s later). Every put sets it anew.</param>
    /// <param name="cancellationToken">Cancels the wait; the write may take place all the same.</param>
    ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive, CancellationToken cancellationToken);

    /// <summary>Deletes a key if its precondition holds, atomically. A missing key gives Succeeded = false and Current = null.</summary>
    /// <param name="key">The key, not empty.</param>
    /// <param name="expectedModRevision">Null: unconditional. Otherwise the key's ModRevision must be this.</param>
    /// <param name="cancellationToken">Cancels the wait; the delete may take place all the same.</param>
    ValueTask<WriteResult> DeleteAsync(string key, long? expectedModRevision, CancellationToken cancellationToken);

    /// <summary>Every change below <paramref name="prefix"/> with a revision greater than <paramref name="afterRevision"/>, in order,
    /// without gap or duplicate, until cancelled. Backends reconnect by themselves where that is possible without a gap.</summary>
    /// <remarks>A slow consumer slows or ends its own stream (Unavailable: start again from the last revision seen), never the
    /// store. Empty batches report progress. Dispose the enumerator to stop.</remarks>
    /// <exception cref="StoreException">Compacted when <paramref name="afterRevision"/> is less than the compact revision, at the
    /// start or later; Unavailable when the stream is lost; others as they occur.</exception>
    IAsyncEnumerable<StoreWatchBatch> WatchAsync(string prefix, long afterRevision, CancellationToken cancellationToken);

    /// <summary>Asks that every running watch of this process soon yields a batch, empty if need be, that reports the revision the
    /// store has now. Returns without waiting for it; a request that can't be sent is dropped silently.</summary>
    ValueTask RequestProgressAsync(CancellationToken cancellationToken);

    /// <summary>Drops history before <paramref name="revision"/>: reads at older revisions, and watches after older revisions, fail
    /// from now on. Does nothing when that much was compacted already.</summary>
    /// <exception cref="StoreException">FutureRevision when the store has not reached <paramref name="revision"/>.</exception>
    ValueTask CompactAsync(long revision, CancellationToken cancellationToken);

    /// <summary>Returns when the store answers and can serve; throws <see cref="StoreException"/> otherwise, within 2 s.</summary>
    ValueTask CheckHealthAsync(CancellationToken cancellationToken);
}
