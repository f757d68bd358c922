namespace KubeLite.System.Tests.Faults;

/// <summary>One event as a client saw it.</summary>
internal sealed record WatchedEvent(string Type, string Name, long Sequence, long Revision);
