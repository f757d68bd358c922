using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.Hosting;
using KubeLite.Hosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerManager;

/// <summary>
/// The controller manager as a server: waits for the API server, takes the Lease if it is to, then runs every selected
/// controller until it is stopped. It counts as started once it runs or stands by. It faults when it loses the Lease.
/// </summary>
public sealed partial class ControllerManagerServer : IServerProcess
{
    private readonly ControllerManagerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ControllerDescriptor> _selected = [];
    private ApiClient? _client;
    private DiagnosticsListener? _diagnostics;
    private Task _run = Task.CompletedTask;

    /// <summary>Nothing is opened before <see cref="StartAsync"/>.</summary>
    public ControllerManagerServer(ControllerManagerOptions options)
    {
        _options = options;
        _logger = options.Loggers.CreateLogger<ControllerManagerServer>();
    }

    /// <inheritdoc/>
    public string Name => "kubelite-controller-manager";

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Ends when the controllers run with filled caches; not while this one stands by.</summary>
    public Task Running => _running.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _selected = ControllerTable.Select(_options.Controllers);
            var connection = _options.Connection
                ?? await Kubeconfig.LoadAsync(
                    _options.KubeconfigFile ?? throw new StartupException("There is no API server to connect to: give --kubeconfig FILE."),
                    "kubelite-controller-manager", cancellationToken).ConfigureAwait(false);
            _client = new ApiClient(connection with { UserAgent = "kube-controller-manager" }, _options.Time);
        }
        catch (Exception e) when (e is ArgumentException or KubeconfigException)
        {
            throw new StartupException(e.Message, e);
        }
        _diagnostics = new DiagnosticsListener(
            Name, _options.Diagnostics, () => !_completion.Task.IsFaulted, null, _options.Loggers, _options.Time);
        await _diagnostics.StartAsync(cancellationToken).ConfigureAwait(false);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _completion.TrySetResult();
        if (_diagnostics is { } diagnostics)
        {
            await diagnostics.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (_diagnostics is { } diagnostics)
        {
            await diagnostics.DisposeAsync().ConfigureAwait(false);
        }
        _client?.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            if (!_options.LeaderElect)
            {
                await RunControllersAsync(_stop.Token).ConfigureAwait(false);
                _completion.TrySetResult();
                return;
            }
            var election = new LeaderElectionOptions
            {
                Namespace = _options.LeaseNamespace,
                Name = _options.LeaseName,
                Identity = Environment.MachineName + "_" + Guid.NewGuid(),
                LeaseDuration = _options.LeaseDuration,
                RenewDeadline = _options.RenewDeadline,
                RetryPeriod = _options.RetryPeriod,
            };
            var elector = new LeaderElector(_client!, election, null, _options.Time, _options.Loggers.CreateLogger<LeaderElector>());
            await elector.RunAsync(RunControllersAsync, _stop.Token).ConfigureAwait(false);
            _completion.TrySetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _completion.TrySetResult();
        }
        catch (LeadershipLostException e)
        {
            _completion.TrySetException(new StartupException(e.Message, e));
        }
        catch (Exception e)
        {
            LogFailed(e);
            _completion.TrySetException(e);
        }
    }

    private async Task RunControllersAsync(CancellationToken cancellationToken)
    {
        await using var informers = new SharedInformerFactory(_client!, _options.Time, _options.Loggers);
        await using var context = new ControllerContext(_client!, informers, _options);
        var loops = new List<Task>();
        foreach (var descriptor in _selected)
        {
            if (descriptor.Create(context) is { } controller)
            {
                loops.Add(controller.RunAsync(cancellationToken));
            }
        }
        informers.Start();
        try
        {
            await informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            LogRunning(loops.Count);
            _running.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // The loops end by the same token.
        }
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Information, "{Count} controllers run")]
    private partial void LogRunning(int count);

    [LoggerMessage(LogLevel.Error, "The controllers ended unexpectedly")]
    private partial void LogFailed(Exception error);
}
