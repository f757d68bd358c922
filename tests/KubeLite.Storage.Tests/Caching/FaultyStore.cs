using System.Runtime.CompilerServices;

namespace KubeLite.Storage.Tests.Caching;

/// <summary>A store whose watch can be cut and whose ranges can be held up.</summary>
public sealed class FaultyStore(IKeyValueStore inner) : IKeyValueStore
{
    private CancellationTokenSource _cut = new();

    /// <summary>Awaited before a range is read and after it was read, with the query; null for none.</summary>
    public Func<RangeQuery, bool, Task>? AroundRange { get; set; }

    /// <summary>While set, watches wait for it before they start.</summary>
    public Task WatchGate { get; set; } = Task.CompletedTask;

    public bool FailRevision { get; set; }

    public long CompactedRevision => inner.CompactedRevision;

    public bool RevisionIsLocal => inner.RevisionIsLocal;

    public void CutWatch()
    {
        CancellationTokenSource cut = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
        cut.Cancel();
    }

    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken) => FailRevision
        ? throw new StoreException(StoreErrorCode.Unavailable, "down")
        : inner.GetRevisionAsync(cancellationToken);

    public ValueTask<KeyValue?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public async ValueTask<RangeResult> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        await (AroundRange?.Invoke(query, false) ?? Task.CompletedTask);
        RangeResult result = await inner.RangeAsync(query, cancellationToken);
        await (AroundRange?.Invoke(query, true) ?? Task.CompletedTask);
        return result;
    }

    public ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive, CancellationToken cancellationToken) =>
        inner.PutAsync(key, value, expectedModRevision, timeToLive, cancellationToken);

    public ValueTask<WriteResult> DeleteAsync(string key, long? expectedModRevision, CancellationToken cancellationToken) =>
        inner.DeleteAsync(key, expectedModRevision, cancellationToken);

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WatchGate.WaitAsync(cancellationToken);
        CancellationToken cut = _cut.Token;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cut, cancellationToken);
        await using IAsyncEnumerator<StoreWatchBatch> watch = inner.WatchAsync(prefix, afterRevision, either.Token).GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await watch.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                throw new StoreException(StoreErrorCode.Unavailable, "cut");
            }

            yield return watch.Current;
        }
    }

    public ValueTask RequestProgressAsync(CancellationToken cancellationToken) => inner.RequestProgressAsync(cancellationToken);

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => inner.CompactAsync(revision, cancellationToken);

    public ValueTask CheckHealthAsync(CancellationToken cancellationToken) => inner.CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
