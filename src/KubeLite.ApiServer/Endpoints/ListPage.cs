using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>A list or a page of one.</summary>
/// <param name="Entries">The entries in order.</param>
/// <param name="Revision">The revision it is of.</param>
/// <param name="Continue">Where the next page begins; null for none.</param>
/// <param name="Remaining">How many entries are left; null where that isn't known.</param>
public sealed record ListPage(IReadOnlyList<CacheEntry> Entries, long Revision, string? Continue, long? Remaining)
{
    /// <summary>The list's metadata where the list is one of custom resources.</summary>
    public JsonMap CustomMetadata()
    {
        var metadata = new JsonMap { { "continue", Continue ?? "" } };
        if (Continue is not null && Remaining is not null)
        {
            metadata.Append("remainingItemCount", Remaining.Value);
        }

        metadata.Append("resourceVersion", Revision.ToString(CultureInfo.InvariantCulture));
        return metadata;
    }

    /// <summary>The list's metadata.</summary>
    public JsonMap Metadata()
    {
        var metadata = new JsonMap { { "resourceVersion", Revision.ToString(CultureInfo.InvariantCulture) } };
        if (Continue is not null)
        {
            metadata.Append("continue", Continue);
            if (Remaining is not null)
            {
                metadata.Append("remainingItemCount", Remaining.Value);
            }
        }

        return metadata;
    }
}
