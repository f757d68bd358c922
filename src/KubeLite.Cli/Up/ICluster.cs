using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary>Makes the servers of a cluster, in this process or as children.</summary>
internal interface ICluster
{
    /// <summary>The API server, which the others need.</summary>
    IServerProcess ApiServer();

    /// <summary>Everything else, which may be started beside the API server.</summary>
    /// <param name="serving">Completes when the API server serves and lets them in; none asks it before.</param>
    IReadOnlyList<IServerProcess> Others(Task serving);
}
