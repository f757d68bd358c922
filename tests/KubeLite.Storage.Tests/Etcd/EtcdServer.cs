using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KubeLite.Storage.Tests.Contract;
using Xunit;

namespace KubeLite.Storage.Tests.Etcd;

/// <summary>An etcd process on free loopback ports with a data folder of its own.</summary>
public sealed class EtcdServer : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly int _clientPort = FreePort();
    private readonly int _peerPort = FreePort();
    private Process? _process;

    public string Url => $"http://127.0.0.1:{_clientPort}";

    public static bool IsInstalled => Find() is not null;

    public static void SkipIfMissing() => Skip.If(
        Find() is null, "etcd is not installed (Debian: apt-get install etcd-server); this test runs against a real one");

    public void Start()
    {
        SkipIfMissing();
        string peer = $"http://127.0.0.1:{_peerPort}";
        ProcessStartInfo start = new(Find()!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])
            ["--data-dir", _folder.File("etcd"), "--listen-client-urls", Url, "--advertise-client-urls", Url,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}", "--log-level",
             "error"])
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }
    }

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "etcd")).FirstOrDefault(File.Exists);
}
