namespace KubeLite.Storage;

/// <summary>A step of a watch: every event up to and including <see cref="Revision"/> has now been delivered.</summary>
/// <param name="Revision">The store revision reached; never falls. A revision is never split over two batches.</param>
/// <param name="Events">The events in order of revision. Empty in a progress batch, which only says how far the store has come.</param>
public readonly record struct StoreWatchBatch(long Revision, IReadOnlyList<StoreEvent> Events);
