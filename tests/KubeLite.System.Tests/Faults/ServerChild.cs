using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace KubeLite.System.Tests.Faults;

/// <summary>An API server in a process of its own that can be killed and started again over the same data.</summary>
internal sealed class ServerChild : IAsyncDisposable
{
    private const string Token = "fault-test";

    private readonly List<string> _arguments;
    private readonly string? _wrapper;
    private readonly List<string> _said = [];
    private Process? _process;

    /// <summary>Describes a server.</summary>
    /// <param name="folder">Where its token file goes.</param>
    /// <param name="store">The flags of its store.</param>
    /// <param name="address">What it advertises.</param>
    /// <param name="wrapper">A shell line that runs it, with "$@" for the command; null for none.</param>
    public ServerChild(string folder, IEnumerable<string> store, string address = "127.0.0.1", string? wrapper = null)
    {
        Port = TestCluster.FreePort();
        string tokens = Path.Combine(folder, "tokens.csv");
        File.WriteAllText(tokens, $"{Token},admin,1,\"system:masters\"\n");
        string program = TestCluster.Executable()
            .Replace("KubeLite.Cli", "KubeLite.ApiServer")
            .Replace("kubelite.dll", "kubelite-apiserver.dll");
        _arguments =
            [
                program, "--secure-port", $"{Port}", "--bind-address", "127.0.0.1", "--advertise-address", address, "--token-auth-file",
                tokens, .. store,
            ];
        _wrapper = wrapper;
        Http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectTimeout = TimeSpan.FromSeconds(2),
        })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{Port}"),
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        };
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>An administrator's client of it; requests have no time limit of their own.</summary>
    public HttpClient Http { get; }

    /// <summary>What it wrote to both outputs.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>Starts it without waiting.</summary>
    public void Launch()
    {
        var start =
            new ProcessStartInfo(_wrapper is null ? "dotnet" : "bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] before = _wrapper is null ? [] : ["-c", _wrapper, "server", "dotnet"];
        foreach (string argument in (IEnumerable<string>)[.. before, .. _arguments])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Say(line.Data);
        _process.ErrorDataReceived += (_, line) => Say(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Launch();
        await ReadyAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsReadyAsync())
        {
            if (_process!.HasExited || clock.Elapsed > limit)
            {
                throw new InvalidOperationException($"the API server is not ready after {clock.Elapsed}: {Said}");
            }

            await Task.Delay(100);
        }
    }

    /// <summary>Kills it as the kernel would: without a last word.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, and waits for it.</summary>
    public async Task StopAsync()
    {
        await Shell.RunAsync("kill", ["-TERM", $"{_process!.Id}"]);
        await ExitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        await _process!.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        Http.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using HttpResponseMessage response = await Http.GetAsync("/readyz", limit.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Say(string? line)
    {
        lock (_said)
        {
            _said.Add(line ?? "");
        }
    }
}
