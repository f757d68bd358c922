namespace KubeLite.Storage.Caching.Differences;

/// <summary>One walk over old changes in order, which makes versions share bytes with those that came after them. For one thread.</summary>
internal sealed class VersionSharing
{
    private CacheEntry? _deleted;

    /// <summary>Makes a change cost little. The newest version of an object stays whole, and of an object that is gone its last one, or
    /// that of a similar object that went after it.</summary>
    public void Settle(CacheChange change)
    {
        change.Settle();
        if (change.Previous is not { } previous)
        {
            return;
        }

        if (change.Entry is { } entry)
        {
            previous.TryShareWith(entry);
            return;
        }

        // Whoever makes objects and deletes them makes them of one template.
        _deleted?.TryShareWith(previous);
        _deleted = previous;
    }
}
