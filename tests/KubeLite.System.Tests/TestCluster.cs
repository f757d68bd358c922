using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KubeLite.System.Tests;

/// <summary>A cluster of this checkout's own build: <c>kubelite up</c> in a process, with a data folder of its own.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly List<string> _flags;
    private readonly Process? _etcd;
    private Process _process;

    private TestCluster(string folder, List<string> flags, Process? etcd, Process process)
    {
        Folder = folder;
        _flags = flags;
        _etcd = etcd;
        _process = process;
    }

    /// <summary>Everything that the cluster keeps.</summary>
    public string Folder { get; }

    /// <summary>The administrator's kubeconfig.</summary>
    public string Kubeconfig => Path.Combine(Folder, "data", "admin.kubeconfig");

    /// <summary>The id of the process that runs it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a cluster and waits until it is ready.</summary>
    /// <param name="datastore">sqlite, memory or etcd; etcd is started for it.</param>
    /// <param name="processes">True where each server is a process of its own.</param>
    public static async Task<TestCluster> StartAsync(string datastore, bool processes = false)
    {
        string folder = Directory.CreateTempSubdirectory("kubelite-test-").FullName;
        List<string> flags = ["up", "--data-dir", Path.Combine(folder, "data"), "--port", FreePort().ToString(), "--datastore", datastore];
        Process? etcd = null;
        if (datastore == "etcd")
        {
            (etcd, string endpoint) = await StartEtcdAsync(folder);
            flags.AddRange(["--etcd-servers", endpoint]);
        }

        if (processes)
        {
            flags.Add("--processes");
        }

        return new TestCluster(folder, flags, etcd, await LaunchAsync(flags));
    }

    /// <summary>Starts it again over the same data.</summary>
    public async Task RestartAsync() => _process = await LaunchAsync(_flags);

    /// <summary>Kills it as a power cut would, children included.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Kills one of its server processes; <c>up</c> then stops the others and ends, which is waited for.</summary>
    /// <param name="name">The server's name, <c>kubelite-apiserver</c> for example.</param>
    public async Task KillChildAsync(string name)
    {
        using (Process child = Process.GetProcessById(Children().Single(c => c.Command.Contains(name)).Id))
        {
            child.Kill();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await _process.WaitForExitAsync(patience.Token);
    }

    /// <summary>The processes below the one that runs it, by their command lines.</summary>
    public IReadOnlyList<(int Id, string Command)> Children()
    {
        var found = new List<(int, string)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                string[] stat = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                if (int.Parse(stat[1]) == ProcessId)
                {
                    found.Add((int.Parse(Path.GetFileName(folder)), File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ')));
                }
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return found;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Shell.RunAsync("kill", ["-INT", _process.Id.ToString()]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        if (_etcd is { HasExited: false })
        {
            _etcd.Kill();
            await _etcd.WaitForExitAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The built command line.</summary>
    public static string Executable()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split('/');
        string root = string.Join('/', parts[..Array.LastIndexOf(parts, "tests")]);
        return Path.Combine(root, "src/KubeLite.Cli/bin", parts[^2], parts[^1], "kubelite.dll");
    }

    private static async Task<Process> LaunchAsync(List<string> flags)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Executable());
        flags.ForEach(start.ArgumentList.Add);
        Process process = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        var said = new List<string>();
        process.OutputDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }

            if (line.Data?.StartsWith("The cluster is ready", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task first = await Task.WhenAny(ready.Task, process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(60)));
        if (first != ready.Task)
        {
            process.Kill(entireProcessTree: true);
            lock (said)
            {
                throw new InvalidOperationException($"kubelite up did not become ready: {string.Join('\n', said)}");
            }
        }

        return process;
    }

    private static async Task<(Process Process, string Endpoint)> StartEtcdAsync(string folder)
    {
        string program = Shell.Find("etcd") ?? throw new InvalidOperationException("etcd is not installed: apt-get install etcd-server");
        string client = $"http://127.0.0.1:{FreePort()}", peer = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])
            [
                "--data-dir", Path.Combine(folder, "etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}",
            ])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient();
        DateTime deadline = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            try
            {
                await http.GetAsync(client + "/health");
                return (process, client);
            }
            catch (HttpRequestException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(50);
            }
        }
    }
}
