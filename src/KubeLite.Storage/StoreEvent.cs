namespace KubeLite.Storage;

/// <summary>One change of one key.</summary>
/// <param name="Type">Put or Delete.</param>
/// <param name="KeyValue">The pair after the change. For a Delete: the key and the deletion's revision, no value.</param>
/// <param name="PrevValue">The pair before the change. The embedded backends set it for every Delete, etcd only when told to
/// (EtcdStoreOptions.PreviousValues), because the watch cache knows it anyway. For a Put it may be null even when the key existed.</param>
public readonly record struct StoreEvent(StoreEventType Type, KeyValue KeyValue, KeyValue? PrevValue);
