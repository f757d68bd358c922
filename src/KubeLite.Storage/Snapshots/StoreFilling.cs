namespace KubeLite.Storage.Snapshots;

/// <summary>
/// Fills an empty store through its own interface: for etcd, which gives revisions itself. So that no client ever sees a
/// revision fall, the store is first brought past the newest revision that anybody may have seen, by writes that say nothing;
/// then every object is written, and all that came before is compacted, so that old revisions are answered with 410.
/// </summary>
public static class StoreFilling
{
    private const string RaisingKey = "/kubelite/raising-the-revision";
    private const int Writers = 64;
    private const long CompactEvery = 100_000;

    /// <summary>Fills a store.</summary>
    /// <param name="store">The store, without anything below <c>/registry/</c>.</param>
    /// <param name="contents">What it shall hold.</param>
    /// <param name="minRevision">The revision that every object shall be newer than.</param>
    /// <param name="cancellationToken">Ends the work; the store is then filled in part.</param>
    /// <returns>The store's revision afterwards.</returns>
    /// <exception cref="StoreException">InvalidArgument: the store is not empty; what the store or the contents throw; Corrupt:
    /// what was written reads back otherwise.</exception>
    public static async Task<long> FillAsync(
        IKeyValueStore store, IStoreContents contents, long minRevision, CancellationToken cancellationToken)
    {
        RangeResult before = await store.RangeAsync(new RangeQuery { Prefix = MovedKeys.Prefix, CountOnly = true }, cancellationToken);
        if (before.Count > 0)
        {
            throw new StoreException(
                StoreErrorCode.InvalidArgument,
                $"the store holds {before.Count} objects already: choose an empty one, or empty this one first");
        }

        await RaiseAsync(store, before.Revision, minRevision, cancellationToken);
        using ContentDigest written = new();
        await Parallel.ForEachAsync(
            Counted(contents, written, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
            async (pair, token) => await store.PutAsync(pair.Key, pair.Value, 0, MovedKeys.TimeToLive(pair.Key), token));

        long revision = await store.GetRevisionAsync(cancellationToken);
        (long count, string sha256) = await ContentDigest.OfAsync(new LiveContents(store, revision), cancellationToken);
        if (count != written.Count || sha256 != written.ToText())
        {
            throw new StoreException(
                StoreErrorCode.Corrupt,
                $"the store holds {count} objects after {written.Count} were written, or others: empty it and try again");
        }

        await store.CompactAsync(revision, cancellationToken);
        return revision;
    }

    private static async IAsyncEnumerable<KeyValue> Counted(
        IStoreContents contents, ContentDigest digest,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (KeyValue pair in contents.ReadAsync(cancellationToken))
        {
            digest.Add(pair);
            yield return pair;
        }
    }

    private static async Task RaiseAsync(IKeyValueStore store, long revision, long target, CancellationToken cancellationToken)
    {
        while (revision < target)
        {
            int step = (int)Math.Min(target - revision, CompactEvery);
            await Parallel.ForAsync(
                0,
                step,
                new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
                async (_, token) => await store.PutAsync(RaisingKey, ReadOnlyMemory<byte>.Empty, null, null, token));
            revision = await store.GetRevisionAsync(cancellationToken);
            await store.CompactAsync(revision, cancellationToken);
        }

        await store.DeleteAsync(RaisingKey, null, cancellationToken);
    }
}
