using KubeLite.ControllerRuntime.Client;
using KubeLite.Hosting;
using KubeLite.Hosting.Logging;
using KubeLite.Hosting.Memory;
using Microsoft.Extensions.Logging;

namespace KubeLite.Cli.Up;

/// <summary><c>kubelite up</c>: starts a cluster, says how to use it, and runs it until it is told to stop.</summary>
internal sealed class UpCommand(UpOptions options, UpProgress progress, TimeProvider time)
{
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(10);

    private readonly List<IServerProcess> _started = [];

    /// <summary>Runs until the token is cancelled or a server ends. Returns the exit code.</summary>
    /// <exception cref="StartupException">The cluster cannot be started or cannot go on.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var begun = time.GetTimestamp();
        CheckPort();
        using var folder = DataFolder.Open(options.DataFolder);
        var credentials = ClusterCredentials.Ensure(folder, options, time);
        progress.Done("certificates and data folder " + folder.Path);
        using var loggers = ServerLogging.CreateFactory(new LoggingOptions
        {
            File = folder.File("logs", "kubelite.log"),
            Verbosity = options.Verbosity,
        });
        using var admin = new ApiClient(credentials.Admin.Client(options.Server, credentials.Authorities, "kubelite"), time);
        try
        {
            await StartAsync(credentials, admin, loggers, stop);
            progress.Ready(options, folder.AdminKubeconfig, time.GetElapsedTime(begun));
            using var memory = new IdleMemory(time);
            await WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop while starting.
        }
        finally
        {
            await StopAsync();
        }

        return 0;
    }

    private async Task StartAsync(ClusterCredentials credentials, ApiClient admin, ILoggerFactory loggers, CancellationToken stop)
    {
        ICluster cluster = options.Processes
            ? new ChildProcessCluster(options, credentials, admin, time)
            : new InProcessCluster(options, credentials, loggers, time);
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        try
        {
            await StartServersAsync(cluster, admin, loggers, either.Token);
            progress.Done(options.Nodes == 1 ? "1 node is Ready" : $"{options.Nodes} nodes are Ready");
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new StartupException(
                $"the cluster was not ready after {options.Timeout.TotalSeconds:0} s: see {credentials.Folder.File("logs")}", e);
        }
    }

    /// <summary>
    /// Starts them all at once, and waits until the cluster is ready: what the others do before their first request takes a process
    /// that has just begun as long as the API server takes to serve.
    /// </summary>
    private async Task StartServersAsync(
        ICluster cluster, ApiClient admin, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task StartOtherAsync(IServerProcess server, CancellationToken stop)
        {
            await server.StartAsync(stop);
            await serving.Task.WaitAsync(stop);
            progress.Done(server.Name);
        }

        var apiServer = cluster.ApiServer();
        var others = cluster.Others(serving.Task);
        _started.AddRange([apiServer, .. others]);
        var starting = Task.WhenAll(
            others.Select(server => Task.Run(() => StartOtherAsync(server, failing.Token), CancellationToken.None)));
        try
        {
            await apiServer.StartAsync(cancellationToken);
            progress.Done(apiServer.Name);
            await Task.WhenAll(
                SimulatedNodesAccess.GrantAsync(admin, cancellationToken), ControllerManagerAccess.GrantAsync(admin, cancellationToken));
            serving.SetResult();
        }
        catch
        {
            // They wait for nothing then; what is told is why.
            await failing.CancelAsync();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        var ready = ClusterReadiness.WaitAsync(admin, options.Nodes, loggers, time, cancellationToken);
        await starting;
        await Task.WhenAny([ready, .. _started.Select(server => server.Completion)]);
        await ThrowIfEndedAsync();
        await ready;
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stop);
        await Task.WhenAny([stopped, .. _started.Select(server => server.Completion)]);
        if (!stop.IsCancellationRequested)
        {
            await ThrowIfEndedAsync();
        }
    }

    private async Task ThrowIfEndedAsync()
    {
        foreach (var server in _started)
        {
            if (server.Completion.IsCompleted)
            {
                await server.Completion;
                throw new StartupException($"{server.Name} has ended: see {Path.Combine(options.DataFolder, "logs")}");
            }
        }
    }

    /// <summary>In reverse order, so that nobody misses the API server while it stops.</summary>
    private async Task StopAsync()
    {
        if (_started.Count == 0)
        {
            return;
        }

        progress.Stopping();
        using var patience = new CancellationTokenSource(s_stopPatience, time);
        for (var i = _started.Count - 1; i >= 0; i--)
        {
            await _started[i].StopAsync(patience.Token);
            await _started[i].DisposeAsync();
        }
    }

    private void CheckPort()
    {
        try
        {
            using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Parse(options.BindAddress), options.Port);
            listener.Start();
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new StartupException(
                $"port {options.Port} on {options.BindAddress} cannot be used ({e.Message}): stop what uses it, or choose another with --port",
                e);
        }
    }
}
