namespace KubeLite.Storage;

/// <summary>Which keys a range reads, and at which revision.</summary>
/// <remarks>Set either <see cref="Prefix"/>, or <see cref="Start"/> and <see cref="End"/>. With all three, the range is the
/// part of the prefix from <see cref="Start"/> on: that is how a prefix is read page by page.</remarks>
public readonly record struct RangeQuery
{
    /// <summary>Reads keys that begin with this text. Null: <see cref="Start"/> and <see cref="End"/> alone decide.</summary>
    public string? Prefix { get; init; }

    /// <summary>First key read (inclusive). Null: from the start of the prefix.</summary>
    public string? Start { get; init; }

    /// <summary>First key no longer read (exclusive). Null: to the end of the prefix.</summary>
    public string? End { get; init; }

    /// <summary>At most so many items are returned; 0 (the default) means all.</summary>
    public long Limit { get; init; }

    /// <summary>The store revision to read at; 0 (the default) means the newest, read linearizably.</summary>
    public long Revision { get; init; }

    /// <summary>Only count: <see cref="RangeResult.Items"/> stays empty.</summary>
    public bool CountOnly { get; init; }

    /// <summary>The bounds that the query amounts to: first key (inclusive; empty means from the first of all) and end (exclusive;
    /// null means to the last of all). An end that is not after the start means an empty range.</summary>
    /// <exception cref="StoreException">InvalidArgument for a query without Prefix and Start, or with a negative number.</exception>
    public (string Start, string? End) GetBounds()
    {
        if (Limit < 0 || Revision < 0)
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "limit and revision of a range must not be negative");
        }

        if (Prefix is null)
        {
            return Start is null
                ? throw new StoreException(StoreErrorCode.InvalidArgument, "a range needs a prefix or a start")
                : (Start, End);
        }

        string start = Start is not null && string.CompareOrdinal(Start, Prefix) > 0 ? Start : Prefix;
        string? prefixEnd = GetPrefixEnd(Prefix);
        bool endFirst = End is not null && (prefixEnd is null || string.CompareOrdinal(End, prefixEnd) < 0);
        return (start, endFirst ? End : prefixEnd);
    }

    /// <summary>The first key after all those that begin with <paramref name="prefix"/>; null when there is none.</summary>
    public static string? GetPrefixEnd(string prefix) =>
        prefix.Length == 0 ? null : string.Concat(prefix.AsSpan(0, prefix.Length - 1), [(char)(prefix[^1] + 1)]);

    /// <summary>A query for every key below <paramref name="prefix"/> at the newest revision.</summary>
    public static RangeQuery ForPrefix(string prefix) => new() { Prefix = prefix };
}
