namespace KubeLite.Benchmarks;

/// <summary>What is measured, and how much of it.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>How many Pods are created, listed and scheduled: 5,000 by default.</summary>
    public int Pods { get; init; } = 5000;

    /// <summary>How many single reads and patches each: 5,000 by default.</summary>
    public int Requests { get; init; } = 5000;

    /// <summary>How many Nodes Pods are scheduled on: 1,000 by default.</summary>
    public int Nodes { get; init; } = 1000;

    /// <summary>How many Pods are created, read, patched and deleted before anything is measured: 4,000 by default, after which the
    /// runtime has compiled what is used often.</summary>
    public int WarmUp { get; init; } = 4000;

    /// <summary>How many create at once what watchers wait for: 8 by default. With more of them each waits longer for the deliveries of
    /// the others, which is most of the lag once both cores are full.</summary>
    public int Creators { get; init; } = 8;

    /// <summary>How long each measure may last; it ends early and counts what was done. 60 s by default.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What is measured: everything but the big cluster by default.</summary>
    public IReadOnlyCollection<Part> Parts { get; init; } =
        [Part.Objects, Part.Lists, Part.Watches, Part.Informers, Part.Scheduling, Part.Up];

    /// <summary>Nodes of the big cluster: 5,000 by default.</summary>
    public int ScaleNodes { get; init; } = 5000;

    /// <summary>Pods of the big cluster: 150,000 by default.</summary>
    public int ScalePods { get; init; } = 150_000;

    /// <summary>How long the big cluster's Pods may take to be created; what is there then is held. 6 min by default.</summary>
    public TimeSpan ScaleFill { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long the big cluster's heartbeats go on: 60 s by default.</summary>
    public TimeSpan ScaleLive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a new cluster is left alone before it counts as idle: 60 s by default.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the idle cluster is looked at: 30 s by default.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the amounts are those that Kubernetes' figures were taken with.</summary>
    public bool AsKubernetes => Pods == 5000 && Nodes == 1000;

    /// <summary>How many requests are under way at once, for single objects.</summary>
    public const int AtOnce = 32;

    /// <summary>Whether something is measured.</summary>
    public bool Does(Part part) => Parts.Contains(part);
}
