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

    /// <summary>A query for every key below <paramref name="prefix"/> at the newest revision.</summary>
    public static RangeQuery ForPrefix(string prefix) => new() { Prefix = prefix };
}
