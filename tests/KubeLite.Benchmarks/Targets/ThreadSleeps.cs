namespace KubeLite.Benchmarks.Targets;

/// <summary>A thread's name and how often it has gone to sleep of its own accord.</summary>
public readonly record struct ThreadSleeps(string Name, long Count);
