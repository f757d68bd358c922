using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Caching;

/// <summary>Caches of all resources over one store watch. Safe for concurrent use.</summary>
/// <remarks>The watch starts with the first <see cref="Open"/>, survives a lost store, and after a compaction that it missed every
/// open resource is listed anew and its watchers end with <see cref="WatcherEnd.Expired"/>.</remarks>
public sealed class WatchCache : IAsyncDisposable
{
    /// <summary>Makes a cache over a store, which it does not own.</summary>
    /// <param name="store">The store.</param>
    /// <param name="timeProvider">Clock for deadlines, retention and back-off.</param>
    /// <param name="logger">Where lost watches and unreadable objects are reported.</param>
    /// <param name="rootPrefix">What the one store watch covers; default <c>/registry/</c>.</param>
    public WatchCache(IKeyValueStore store, TimeProvider timeProvider, ILogger<WatchCache> logger, string rootPrefix = "/registry/") =>
        throw new NotImplementedException();

    /// <summary>Opens a resource and begins to list it in the background. A prefix that is open already is returned as it is.</summary>
    /// <exception cref="StoreException">InvalidArgument for a prefix outside the root or without a closing slash.</exception>
    public ResourceCache Open(ResourceCacheOptions options) => throw new NotImplementedException();

    /// <summary>Closes a resource; its watchers end with <see cref="WatcherEnd.Closed"/>. Does nothing when it is not open.</summary>
    public void Close(string keyPrefix) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
