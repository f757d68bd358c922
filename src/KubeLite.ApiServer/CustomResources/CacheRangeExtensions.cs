using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>Cached entries as a list.</summary>
public static class CacheRangeExtensions
{
    /// <summary>The entries of a range.</summary>
    public static List<CacheEntry> ToEntries(this CacheRange range)
    {
        var entries = new List<CacheEntry>(range.Count);
        foreach (CacheEntry entry in range)
        {
            entries.Add(entry);
        }

        return entries;
    }
}
