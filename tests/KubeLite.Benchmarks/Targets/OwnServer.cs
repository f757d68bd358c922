using System.Diagnostics;
using System.Security.Cryptography;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Targets;

/// <summary>An API server of this checkout, of the same build configuration as this program, on an empty store.</summary>
public sealed class OwnServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("kubelite-benchmarks-").FullName;
    private readonly List<ChildServer> _children = [];
    private readonly string _programs;

    private OwnServer(string? programs) => _programs = programs ?? BuildFolder();

    /// <summary>A client of it, as administrator.</summary>
    public ServerClient Client { get; private set; } = null!;

    /// <summary>From the start of the process to an answer of ok from /readyz.</summary>
    public TimeSpan StartToReady { get; private set; }

    /// <summary>The API server's process id.</summary>
    public int ProcessId { get; private set; }

    /// <summary>The URL of the etcd below it; null for another store.</summary>
    public string? Etcd { get; private set; }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="datastore">memory, sqlite or etcd.</param>
    /// <param name="programs">The folder of the servers' programs; by default that of the build this program is of.</param>
    public static async Task<OwnServer> StartAsync(string datastore, string? programs = null)
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
            clusters: [{name: own, cluster: {server: "{{{Client.Server.GetLeftPart(UriPartial.Authority)}}}", insecure-skip-tls-verify: true}}]
            users: [{name: own, user: {token: "{{{Client.Token}}}"}}]
            contexts: [{name: own, context: {cluster: own, user: own}}]
            current-context: own
            """);
        _children.Add(Start("kubelite-scheduler", "--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"));
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
        List<string> flags = ["--bind-address", "127.0.0.1", "--secure-port", $"{port}", "--token-auth-file", tokens, "--datastore", datastore];
        if (datastore == "sqlite")
        {
            flags.AddRange(["--sqlite-file", Path.Combine(_folder, "kubelite.db")]);
        }
        else if (datastore == "etcd")
        {
            await StartEtcdAsync();
            flags.AddRange(["--etcd-servers", Etcd!]);
        }

        Client = new ServerClient(new Uri($"https://127.0.0.1:{port}"), token, insecure: true);
        long begun = Stopwatch.GetTimestamp();
        ChildServer server = Start("kubelite-apiserver", [.. flags]);
        _children.Add(server);
        ProcessId = server.Id;
        await ReadyAsync(server, async () => await Client.SendAsync(HttpMethod.Get, "/readyz") >= 0);
        StartToReady = Stopwatch.GetElapsedTime(begun);
    }

    private async Task StartEtcdAsync()
    {
        Etcd = $"http://127.0.0.1:{ChildServer.FreePort()}";
        string peer = $"http://127.0.0.1:{ChildServer.FreePort()}";
        ChildServer etcd = ChildServer.Start(
            "etcd", "--data-dir", Path.Combine(_folder, "etcd"), "--listen-client-urls", Etcd, "--advertise-client-urls", Etcd,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}");
        _children.Add(etcd);
        using var http = new HttpClient();
        await ReadyAsync(etcd, async () => (await http.GetAsync(Etcd + "/health")).IsSuccessStatusCode);
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

    /// <summary>Starts a program of the folder: one for the runtime, or a native one.</summary>
    private ChildServer Start(string name, params string[] flags)
    {
        string path = Path.Combine(_programs, name);
        return File.Exists(path + ".dll") ? ChildServer.Start("dotnet", [path + ".dll", .. flags]) : ChildServer.Start(path, flags);
    }

    /// <summary>The command line's folder holds every server.</summary>
    private static string BuildFolder()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        string root = string.Join('/', parts[..Array.LastIndexOf(parts, "tests")]);
        return Path.Combine(root, "src/KubeLite.Cli/bin", parts[^2], parts[^1]);
    }
}
