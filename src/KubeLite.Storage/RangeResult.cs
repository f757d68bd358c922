namespace KubeLite.Storage;

/// <summary>What a range read found.</summary>
/// <param name="Revision">The store revision the answer reflects: the one asked for, or the store's newest.</param>
/// <param name="Items">The pairs, ordered by key (ordinal).</param>
/// <param name="Count">How many keys the whole range holds at that revision, regardless of the limit.</param>
/// <param name="More">True when the limit left keys out.</param>
public sealed record RangeResult(long Revision, IReadOnlyList<KeyValue> Items, long Count, bool More);
