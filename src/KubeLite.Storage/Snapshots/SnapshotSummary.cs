namespace KubeLite.Storage.Snapshots;

/// <summary>What a snapshot says of itself.</summary>
/// <param name="Revision">The revision it was taken at.</param>
/// <param name="Taken">When.</param>
/// <param name="Count">How many objects it holds.</param>
/// <param name="Sha256">The digest of their keys and values, in hex.</param>
public sealed record SnapshotSummary(long Revision, DateTimeOffset Taken, long Count, string Sha256);
