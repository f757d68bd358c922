using System.Diagnostics;
using System.Security.Cryptography;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Targets;

/// <summary>An API server of a checkout on an empty store.</summary>
public sealed class OwnServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("kubelite-benchmarks-").FullName;
    private readonly List<ChildServer> _children = [];
    private readonly string _programs;
    private List<string> _flags = [];
    private ChildServer? _server;

    private OwnServer(string programs) => _programs = programs;

    /// <summary>A client of it, as administrator.</summary>
    public ServerClient Client { get; private set; } = null!;

    /// <summary>From the start of the process to an answer of ok from /readyz.</summary>
    public TimeSpan StartToReady { get; private set; }

    /// <summary>The API server's process id.</summary>
    public int ProcessId { get; private set; }

    /// <summary>The URL of the etcd below it; null for another store.</summary>
    public string? Etcd { get; private set; }

    /// <summary>The process id of that etcd; null for another store.</summary>
    public int? EtcdProcessId { get; private set; }

    /// <summary>The folder of its data, on the disk that it uses.</summary>
    public string Folder => _folder;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="datastore">memory, sqlite or etcd.</param>
    /// <param name="programs">The folder of the servers' programs.</param>
    public static async Task<OwnServer> StartAsync(string datastore, string programs)
    {
        var own = new OwnServer(programs);
        try
        {
            await own.StartServersAsync(datastore);
            return own;
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a scheduler on it.</summary>
    public void StartScheduler()
    {
        string kubeconfig = Path.Combine(_folder, "kubeconfig");
        File.WriteAllText(kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: own, cluster: {server: "{{{Client.Access.Server.GetLeftPart(UriPartial.Authority)}}}", insecure-skip-tls-verify: true}}]
            users: [{name: own, user: {token: "{{{Client.Access.Token}}}"}}]
            contexts: [{name: own, context: {cluster: own, user: own}}]
            current-context: own
            """);
        _children.Add(ChildServer.StartOwn(
            _programs, "kubelite-scheduler", "--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"));
    }

    /// <summary>Kills the API server and starts it again on the same store.</summary>
    public async Task RestartAsync()
    {
        _children.Remove(_server!);
        await _server!.DisposeAsync();
        await StartApiServerAsync();
    }

    /// <summary>Stops everything and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        for (int i = _children.Count - 1; i >= 0; i--)
        {
            await _children[i].DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartServersAsync(string datastore)
    {
        string token = RandomNumberGenerator.GetHexString(32, lowercase: true), tokens = Path.Combine(_folder, "tokens.csv");
        await File.WriteAllTextAsync(tokens, $"{token},benchmarks,1,\"system:masters\"\n");
        int port = ChildServer.FreePort();
        List<string> flags =
            ["--bind-address", "127.0.0.1", "--secure-port", $"{port}", "--token-auth-file", tokens, "--datastore", datastore];
        if (datastore == "sqlite")
        {
            flags.AddRange(["--sqlite-file", Path.Combine(_folder, "kubelite.db")]);
        }
        else if (datastore == "etcd")
        {
            (ChildServer etcd, Etcd) = await EtcdServer.StartAsync(Path.Combine(_folder, "etcd"));
            _children.Add(etcd);
            EtcdProcessId = etcd.Id;
            flags.AddRange(["--etcd-servers", Etcd]);
        }

        Client = new ServerClient(ServerAccess.Any(new Uri($"https://127.0.0.1:{port}"), token));
        _flags = flags;
        await StartApiServerAsync();
    }

    private async Task StartApiServerAsync()
    {
        long begun = Stopwatch.GetTimestamp();
        _server = ChildServer.StartOwn(_programs, "kubelite-apiserver", _flags);
        _children.Add(_server);
        ProcessId = _server.Id;
        await ReadyAsync(_server, async () => await Client.SendAsync(HttpMethod.Get, "/readyz") >= 0);
        StartToReady = Stopwatch.GetElapsedTime(begun);
    }

    private static async Task ReadyAsync(ChildServer child, Func<Task<bool>> ready)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            child.ThrowIfEnded();
            try
            {
                if (await ready())
                {
                    return;
                }
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                // Not listening yet.
            }

            await Task.Delay(10);
        }
    }
}
