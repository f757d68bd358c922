namespace KubeLite.Storage;

/// <summary>Whether a put or delete took place.</summary>
/// <param name="Succeeded">False when the precondition failed, or when a delete found no key.</param>
/// <param name="Revision">On success the revision of the write (the key's new ModRevision); otherwise the store's revision.</param>
/// <param name="Current">When it did not succeed: the pair as it stands, or null when the key does not exist. Null on success.</param>
public readonly record struct WriteResult(bool Succeeded, long Revision, KeyValue? Current);
