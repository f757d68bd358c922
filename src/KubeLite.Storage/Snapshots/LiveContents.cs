using System.Runtime.CompilerServices;

namespace KubeLite.Storage.Snapshots;

/// <summary>What a running store holds, read page by page at one revision while others write on.</summary>
/// <param name="store">The store; it is not disposed of.</param>
/// <param name="revision">The revision; it must not be compacted before all is read (stores keep five minutes).</param>
public sealed class LiveContents(IKeyValueStore store, long revision) : IStoreContents
{
    private const int PageSize = 500;

    /// <inheritdoc />
    public long Revision => revision;

    /// <summary>The contents at the present revision.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public static async Task<LiveContents> OfAsync(IKeyValueStore store, CancellationToken cancellationToken) =>
        new(store, await store.GetRevisionAsync(cancellationToken));

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyValue> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RangeQuery query = new() { Prefix = MovedKeys.Prefix, Limit = PageSize, Revision = revision };
        while (true)
        {
            RangeResult page = await store.RangeAsync(query, cancellationToken);
            foreach (KeyValue pair in page.Items)
            {
                if (MovedKeys.AreKept(pair.Key))
                {
                    yield return pair;
                }
            }

            if (!page.More)
            {
                yield break;
            }

            query = query with { Start = page.Items[^1].Key + "\0" };
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
