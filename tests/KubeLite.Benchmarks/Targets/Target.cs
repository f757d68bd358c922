using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Targets;

/// <summary>A server that is to be measured: one of our own, started anew for each round, or one that runs already.</summary>
public sealed record Target
{
    /// <summary>The store of a server of our own: memory, sqlite or etcd; null for one that runs already.</summary>
    public string? Datastore { get; init; }

    /// <summary>The folder of our own servers' programs; null for a server that runs already.</summary>
    public string? Programs { get; init; }

    /// <summary>The server that runs already; null for one of our own.</summary>
    public ServerAccess? Running { get; init; }

    /// <summary>The server, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Servers of our own.</summary>
    public static Target Of(string datastore, string programs) =>
        new() { Datastore = datastore, Programs = programs, Name = $"KubeLite on {datastore}" };

    /// <summary>A server that runs already.</summary>
    public static Target Of(ServerAccess running) => new() { Running = running, Name = running.Server.ToString() };
}
