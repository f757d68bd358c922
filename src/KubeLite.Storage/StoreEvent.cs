namespace KubeLite.Storage;

/// <summary>One change of one key.</summary>
/// <param name="Type">Put or Delete.</param>
/// <param name="KeyValue">The pair after the change. For a Delete: the key and the deletion's revision, no value.</param>
/// <param name="PrevValue">The pair before the change. Always set for a Delete, unless compaction has already removed it; for a
/// Put a backend may leave it null even when the key existed before.</param>
public readonly record struct StoreEvent(StoreEventType Type, KeyValue KeyValue, KeyValue? PrevValue);
