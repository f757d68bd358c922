namespace KubeLite.Storage;

/// <summary>One stored key at one revision.</summary>
/// <param name="Key">The full key, for example <c>/registry/pods/default/web</c>.</param>
/// <param name="Value">The stored bytes; never changed after they are handed out. Empty for a deletion.</param>
/// <param name="CreateRevision">The store revision that created the key; 0 for a deletion.</param>
/// <param name="ModRevision">The store revision of this write: what Kubernetes calls resourceVersion.</param>
/// <param name="Version">How often the key was written since it was created, from 1; 0 for a deletion.</param>
public readonly record struct KeyValue(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version);
