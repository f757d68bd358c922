using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary>Makes the servers of a cluster, in this process or as children.</summary>
internal interface ICluster
{
    /// <summary>The API server, which the others need.</summary>
    IServerProcess ApiServer();

    /// <summary>Everything else; started together once the API server serves.</summary>
    IReadOnlyList<IServerProcess> Others();
}
