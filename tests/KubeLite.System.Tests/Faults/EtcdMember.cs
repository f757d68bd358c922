using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace KubeLite.System.Tests.Faults;

/// <summary>One member of an etcd cluster on loopback, with a data folder of its own.</summary>
internal sealed class EtcdMember : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _data;
    private readonly int _clientPort = TestCluster.FreePort();
    private readonly int _peerPort = TestCluster.FreePort();
    private readonly string[] _flags;
    private readonly string _host;
    private readonly string? _network;
    private string _cluster = "";
    private Process? _process;

    private EtcdMember(string folder, string name, string[] flags, string host = "127.0.0.1", string? network = null)
    {
        _host = host;
        _network = network;
        _name = name;
        _data = Path.Combine(folder, name);
        _flags = flags;
    }

    /// <summary>Where clients find it.</summary>
    public string Url => $"http://{_host}:{_clientPort}";

    /// <summary>The port of that.</summary>
    public int Port => _clientPort;

    /// <summary>Starts a cluster of so many members; skips the test where etcd isn't installed.</summary>
    public static async Task<EtcdMember[]> StartAsync(string folder, int members, params string[] flags)
    {
        Skip.If(Shell.Find("etcd") is null || Shell.Find("etcdctl") is null, "etcd is not installed (Debian: etcd-server, etcd-client)");
        return await StartAsync([.. Enumerable.Range(1, members).Select(i => new EtcdMember(folder, $"m{i}", flags))]);
    }

    /// <summary>Starts a single member in a network namespace.</summary>
    public static async Task<EtcdMember> StartInAsync(string folder, string network, string host) =>
        (await StartAsync([new EtcdMember(folder, "m1", [], host, network)]))[0];

    private static async Task<EtcdMember[]> StartAsync(EtcdMember[] all)
    {
        foreach (EtcdMember member in all)
        {
            member._cluster = string.Join(',', all.Select(m => $"{m._name}=http://{m._host}:{m._peerPort}"));
            member.Launch();
        }

        foreach (EtcdMember member in all)
        {
            await member.HealthyAsync();
        }

        return all;
    }

    /// <summary>Starts it (again).</summary>
    public void Launch()
    {
        string peer = $"http://{_host}:{_peerPort}";
        string[] before = _network is null ? [Shell.Find("etcd")!] : ["ip", "netns", "exec", _network, Shell.Find("etcd")!];
        var start = new ProcessStartInfo(before[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (IEnumerable<string>)
            [.. before[1..], "--name", _name, "--data-dir", _data, "--listen-client-urls",
                Url, "--advertise-client-urls", Url, "--listen-peer-urls", peer,
             "--initial-advertise-peer-urls", peer, "--initial-cluster", _cluster, "--log-level", "error", .. _flags])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Kills it at once.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Lets it do nothing, as a host that hangs.</summary>
    public Task FreezeAsync() => Shell.RunAsync("kill", ["-STOP", $"{_process!.Id}"]);

    /// <summary>Lets it go on.</summary>
    public Task ThawAsync() => Shell.RunAsync("kill", ["-CONT", $"{_process!.Id}"]);

    /// <summary>True where it leads its cluster.</summary>
    public async Task<bool> LeadsAsync()
    {
        // The columns: endpoint, id, version, size, leads, ...
        string status = await ControlAsync("endpoint status --write-out=simple");
        return status.Split(',')[4].Trim() == "true";
    }

    /// <summary>Drops all history up to now.</summary>
    public async Task CompactAsync()
    {
        using JsonDocument status = JsonDocument.Parse(await ControlAsync("endpoint status --write-out=json"));
        long revision = status.RootElement[0].GetProperty("Status").GetProperty("header").GetProperty("revision").GetInt64();
        await ControlAsync($"compact {revision}");
    }

    /// <summary>Runs etcdctl on it.</summary>
    public async Task<string> ControlAsync(string command)
    {
        (int code, string output, string error) = await Shell.RunAsync(
            "etcdctl", ["--endpoints", Url, .. command.Split(' ')], new Dictionary<string, string> { ["ETCDCTL_API"] = "3" });
        return code == 0 ? output : throw new InvalidOperationException($"etcdctl {command}: {output}{error}");
    }

    /// <summary>Waits until it answers.</summary>
    public async Task HealthyAsync()
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await ControlAsync("endpoint health");
                return;
            }
            catch (InvalidOperationException) when (i < 50)
            {
                await Task.Delay(200);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
    }
}
