using System.Text;

namespace KubeLite.System.Tests.Faults;

/// <summary>Writers and watchers at work on a set of servers, and the history that they make.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const string Namespace = "load";

    private readonly ServerChild[] _servers;
    private readonly LoadWorker[] _workers;
    private readonly WatchRecorder[] _watchers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private bool _watching = true;

    private Load(ServerChild[] servers, int workers, int seed, bool resumes)
    {
        _servers = servers;
        HttpClient[] clients = [.. servers.Select(s => s.Http)];
        _watchers = [.. servers.Select((s, i) => new WatchRecorder($"watch {i}", s.Http, Namespace, resumes))];
        _workers = [.. Enumerable.Range(0, workers).Select(
            i => new LoadWorker(i, clients, Namespace, History, new Random(seed + i), reads: servers.Length > 1))];
        _work = Task.WhenAll(_workers.Select(w => Task.Run(() => w.RunAsync(_stop.Token))));
    }

    /// <summary>What was said and seen.</summary>
    public WriteHistory History { get; } = new();

    /// <summary>How often the watcher of a server had to list anew.</summary>
    public int Relists(int server) => _watchers[server].Segments.Count - 1;

    /// <summary>Begins.</summary>
    public static async Task<Load> StartAsync(ServerChild[] servers, int seed, int workers = 6, bool resumes = true)
    {
        using var content = new StringContent($$$"""{"metadata":{"name":"{{{Namespace}}}"}}""", Encoding.UTF8, "application/json");
        (await servers[0].Http.PostAsync("/api/v1/namespaces", content)).EnsureSuccessStatusCode();
        return new Load(servers, workers, seed, resumes);
    }

    /// <summary>Waits until so many more writes were acknowledged.</summary>
    public async Task AcknowledgedAsync(int more, TimeSpan limit)
    {
        int from = History.Count;
        using var patience = new CancellationTokenSource(limit);
        while (History.Count < from + more)
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"{History.Count - from} writes within {limit}, not {more}: {_servers[0].Said}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Ends the writers, waits until every watcher has seen the last write, and fails where a rule was broken.</summary>
    public async Task FinishAsync(string when)
    {
        await _stop.CancelAsync();
        await _work;
        foreach (LoadWorker worker in _workers)
        {
            await worker.VerifyAsync();
        }

        long newest = _workers.Max(w => w.Newest);
        foreach (WatchRecorder watcher in _watchers)
        {
            await watcher.ReachAsync(newest, TimeSpan.FromSeconds(30));
        }

        await StopWatchingAsync();
        History.Check(_watchers, when);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        await StopWatchingAsync();
        _stop.Dispose();
    }

    private async Task StopWatchingAsync()
    {
        if (_watching)
        {
            _watching = false;
            foreach (WatchRecorder watcher in _watchers)
            {
                await watcher.DisposeAsync();
            }
        }
    }
}
