using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.Hosting;
using KubeLite.Hosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler;

/// <summary>
/// The scheduler: watches Pods without a node and binds each to the node that fits best. <see cref="StartAsync"/> returns when
/// its caches are filled and, without leader election, it schedules.
/// </summary>
public sealed class SchedulerProcess : IServerProcess
{
    private readonly SchedulerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly DiagnosticsListener _diagnostics;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ApiClient? _client;
    private SharedInformerFactory? _informers;
    private SchedulerAssembly? _assembly;
    private Task _work = Task.CompletedTask;
    private int _stopped;

    /// <summary>Prepares a scheduler; nothing happens before <see cref="StartAsync"/>.</summary>
    public SchedulerProcess(SchedulerOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _loggers = loggers;
        _time = time;
        _diagnostics = new DiagnosticsListener(Name, options.Diagnostics, IsReady, null, loggers, time);
    }

    /// <inheritdoc/>
    public string Name => "kubelite-scheduler";

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _client = new ApiClient(
                _options.Client ?? await Kubeconfig.LoadAsync(_options.Kubeconfig, "kube-scheduler", cancellationToken), _time);
        }
        catch (KubeconfigException e)
        {
            throw new StartupException(e.Message + " Set --kubeconfig to a kubeconfig file.", e);
        }

        await _diagnostics.StartAsync(cancellationToken);
        _informers = new SharedInformerFactory(_client, _time, _loggers);
        _assembly = new SchedulerAssembly(_options, _client, _informers, _loggers, _time, _stop.Token);
        _informers.Start();
        await _informers.WaitForSyncAsync(cancellationToken);
        _work = Task.Run(WorkAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _stop.CancelAsync();
        await _work;
        if (_assembly is not null)
        {
            await _assembly.DisposeAsync();
        }

        if (_informers is not null)
        {
            await _informers.DisposeAsync();
        }

        await _diagnostics.StopAsync(cancellationToken);
        _client?.Dispose();
        _completion.TrySetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _diagnostics.DisposeAsync();
        _stop.Dispose();
    }

    private bool IsReady() => _informers?.Unsynced() is { Count: 0 };

    private async Task WorkAsync()
    {
        try
        {
            if (_options.LeaderElection is { } election)
            {
                var elector = new LeaderElector(
                    _client!, election, null, _time, _loggers.CreateLogger("KubeLite.Scheduler.LeaderElection"));
                await elector.RunAsync(_assembly!.Loop.RunAsync, _stop.Token);
            }
            else
            {
                await _assembly!.Loop.RunAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped before it led.
        }
        catch (LeadershipLostException e)
        {
            _completion.TrySetException(new StartupException(e.Message + " Start the scheduler again.", e));
        }
        catch (Exception e)
        {
            _completion.TrySetException(e);
        }
    }
}
