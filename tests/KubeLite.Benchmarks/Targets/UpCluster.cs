using System.Diagnostics;

namespace KubeLite.Benchmarks.Targets;

/// <summary>A whole cluster as <c>kubelite up</c> starts it, with three nodes, in a new folder.</summary>
public sealed class UpCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly List<ChildServer> _children = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelite-benchmarks-up-").FullName;

    private UpCluster()
    {
    }

    /// <summary>From the start of the process until it says that all nodes are Ready.</summary>
    public TimeSpan StartToReady { get; private set; }

    /// <summary>The processes that the cluster consists of.</summary>
    public IReadOnlyList<int> ProcessIds => [.. _children.Select(c => c.Id)];

    /// <summary>Starts it and waits until all nodes are Ready.</summary>
    /// <param name="datastore">memory, sqlite or etcd; an etcd is started below it, and counts as part of it.</param>
    /// <param name="programs">The folder of the programs.</param>
    public static async Task<UpCluster> StartAsync(string datastore, string programs)
    {
        var cluster = new UpCluster();
        try
        {
            await cluster.StartProcessesAsync(datastore, programs);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        for (int i = _children.Count - 1; i >= 0; i--)
        {
            await _children[i].DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartProcessesAsync(string datastore, string programs)
    {
        List<string> flags =
        [
            "up", "--datastore", datastore, "--nodes", "3", "--port", $"{ChildServer.FreePort()}",
            "--data-dir", Path.Combine(_folder, "cluster"),
        ];
        if (datastore == "etcd")
        {
            (ChildServer etcd, string url) = await EtcdServer.StartAsync(Path.Combine(_folder, "etcd"));
            _children.Add(etcd);
            flags.AddRange(["--etcd-servers", url]);
        }

        long begun = Stopwatch.GetTimestamp();
        ChildServer up = ChildServer.StartOwn(programs, "kubelite", flags);
        _children.Add(up);
        await up.SaysAsync("The cluster is ready", s_patience);
        StartToReady = Stopwatch.GetElapsedTime(begun);
    }
}
