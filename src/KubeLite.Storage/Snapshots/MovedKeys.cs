namespace KubeLite.Storage.Snapshots;

/// <summary>What is particular about keys that are saved or moved to another store.</summary>
public static class MovedKeys
{
    /// <summary>All that belongs to a cluster.</summary>
    public const string Prefix = "/registry/";

    /// <summary>Where API servers say that they live.</summary>
    public const string AlivePrefix = "/registry/masterleases/";

    private const string Events = "/registry/events/";

    /// <summary>How long events last in their new place: an hour, as if they had just been written.</summary>
    public static readonly TimeSpan EventTimeToLive = TimeSpan.FromHours(1);

    /// <summary>False for what says that a server lives: it is not true of another store.</summary>
    public static bool AreKept(string key) => !key.StartsWith(AlivePrefix, StringComparison.Ordinal);

    /// <summary>The time to live of a key that moves; null for ever. Stores don't tell how much of it was left.</summary>
    public static TimeSpan? TimeToLive(string key) => key.StartsWith(Events, StringComparison.Ordinal) ? EventTimeToLive : null;
}
