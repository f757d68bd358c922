namespace KubeLite.Storage.Snapshots;

/// <summary>All that a store, or a snapshot of it, held at one revision. For one reader at a time.</summary>
public interface IStoreContents : IAsyncDisposable
{
    /// <summary>The revision.</summary>
    long Revision { get; }

    /// <summary>Every pair below <c>/registry/</c>, in order of key.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    IAsyncEnumerable<KeyValue> ReadAsync(CancellationToken cancellationToken);
}
