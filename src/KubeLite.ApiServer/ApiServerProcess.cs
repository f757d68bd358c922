using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Bootstrap;
using KubeLite.ApiServer.Connections;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Peers;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Serving;
using KubeLite.Hosting;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Etcd;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer;

/// <summary>The API server as a process of its own or inside another: starts its parts in order, serves, stops.</summary>
public sealed class ApiServerProcess(ApiServerOptions options, ILoggerFactory loggers, TimeProvider time) : IServerProcess
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _background = [];
    private readonly ServerReadiness _readiness = new();
    private IKeyValueStore? _store;
    private WatchCache? _cache;
    private RequestParts? _requests;
    private HttpsListener? _listener;
    private PeerAnnouncement? _announcement;

    /// <inheritdoc />
    public string Name => "kubelite-apiserver";

    /// <inheritdoc />
    public Task Completion => _completion.Task;

    /// <inheritdoc />
    public TimeSpan StopPatience => options.ShutdownDelay + TimeSpan.FromSeconds(10);

    /// <summary>The port that it listens on; known once it has started.</summary>
    public int Port { get; private set; }

    /// <summary>Answers a request that came without a connection; null until it has started.</summary>
    internal RequestDelegate? Handler { get; private set; }

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartPartsAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            throw new StartupException(e.Message, e);
        }
        catch (ApiException e)
        {
            throw new StartupException($"the objects that every cluster has can't be read or written: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_readiness.Stopping)
        {
            _readiness.Stopping = true;
            if (_announcement is not null)
            {
                await _announcement.WithdrawAsync();
                _announcement = null;
            }

            await DelayAsync(cancellationToken);
        }

        // Watches end first: they would hold the connections open for the whole grace period.
        await _stopping.CancelAsync();
        if (_listener is not null)
        {
            await _listener.StopAsync(cancellationToken);
            _listener = null;
        }

        _requests?.Dispose();
        try
        {
            await Task.WhenAll(_background);
        }
        catch (OperationCanceledException)
        {
            // That is how some of it stops.
        }

        if (_cache is not null)
        {
            await _cache.DisposeAsync();
            _cache = null;
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }

        _completion.TrySetResult();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    /// <summary>The order of a start.</summary>
    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        ServerSettings settings = await ReadSettingsAndOpenStoreAsync(cancellationToken);
        var objects = new ObjectParts(settings, options, _store!, _cache!, time);
        _requests = new RequestParts(settings, options, objects, _readiness.Checks(_store!), loggers, time, _stopping.Token);

        // From here on requests are answered, those of health above all; whoever waits for readiness waits for what goes on beside it.
        Handler = _requests.Pipeline.HandleAsync;
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<int> listening = Task.Run(() => ListenAsync(settings, Handler, failing), CancellationToken.None);
        try
        {
            await PrepareAsync(settings, objects, listening, failing.Token);
        }
        catch
        {
            await failing.CancelAsync();
            await ((Task)listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (listening.IsFaulted)
            {
                await listening;
            }

            throw;
        }

        // What nobody waits for comes when the server is ready.
        RunRepairs(objects, _requests.Flows);
    }

    /// <summary>Begins to listen, and returns the port. When it can't, the rest of the start ends too.</summary>
    private async Task<int> ListenAsync(ServerSettings settings, RequestDelegate handler, CancellationTokenSource failing)
    {
        try
        {
            _listener = await HttpsListener.StartAsync(options, settings.Serving, handler, loggers, failing.Token);
            return Port = _listener.Port;
        }
        catch
        {
            await failing.CancelAsync();
            throw;
        }
    }

    /// <summary>Makes what a cluster begins with, and fills the caches; when it returns, the server is ready.</summary>
    private async Task PrepareAsync(
        ServerSettings settings, ObjectParts objects, Task<int> listening, CancellationToken cancellationToken)
    {
        await objects.Rbac.WaitReadyAsync(cancellationToken);
        await ServeCustomResourcesAsync(objects, cancellationToken);
        Task filling = FillCachesAsync(objects);
        Keep(filling);
        await BootstrapAsync(settings, objects, listening, cancellationToken);
        await AnnounceAsync(settings, objects, cancellationToken);
        _readiness.Bootstrapped = true;
        await filling.WaitAsync(cancellationToken);
    }

    /// <summary>Both at once: in a process that has just begun, certificates and the store's client take a tenth of a second each.
    /// </summary>
    private async Task<ServerSettings> ReadSettingsAndOpenStoreAsync(CancellationToken cancellationToken)
    {
        using var unneeded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task opening = Task.Run(() => OpenStoreAsync(unneeded.Token), CancellationToken.None);
        try
        {
            ServerSettings settings = ServerSettings.Read(options, time);
            await opening;
            return settings;
        }
        catch when (!opening.IsCompleted)
        {
            // The settings are wrong, which is what is told, whatever the store has to say.
            await unneeded.CancelAsync();
            await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task OpenStoreAsync(CancellationToken cancellationToken)
    {
        IKeyValueStore store = await Datastore.OpenAsync(options, loggers, time, cancellationToken);
        _store = store;
        if (store is EtcdStore etcd && options.EtcdCompactionInterval > TimeSpan.Zero)
        {
            Keep(etcd.RunCompactionAsync(options.EtcdCompactionInterval, _stopping.Token));
        }

        _cache = new WatchCache(store, time, loggers.CreateLogger<WatchCache>());
    }

    private async Task ServeCustomResourcesAsync(ObjectParts objects, CancellationToken cancellationToken)
    {
        var controller = new CustomResourceController(
            objects.Registry,
            objects.Writer,
            new InstanceDeletion(objects.Registry, objects.Objects, objects.Writer, time),
            time,
            loggers.CreateLogger<CustomResourceController>());
        Keep(controller.RunAsync(_stopping.Token));
        await controller.Started.WaitAsync(cancellationToken);
        _readiness.CustomResourcesServed = true;
    }

    private async Task FillCachesAsync(ObjectParts objects)
    {
        var hook = new StorageReadinessHook(
            objects.Registry, objects.Store, options.StorageInitializationTimeout, time, loggers.CreateLogger<StorageReadinessHook>());
        await hook.RunAsync(_stopping.Token);
        _readiness.CachesFilled = true;
    }

    private async Task BootstrapAsync(
        ServerSettings settings, ObjectParts objects, Task<int> listening, CancellationToken cancellationToken)
    {
        KeptConfigMap[] kept =
            SystemConfigMaps.Kept(settings.Certificates, objects.Writer, objects.Registry, time, loggers.CreateLogger<KeptConfigMap>());
        await new ClusterBootstrap(objects.Writer, settings.Network, kept).RunAsync(listening, cancellationToken);
        foreach (KeptConfigMap map in kept)
        {
            Keep(map.RunAsync(_stopping.Token));
        }
    }

    private async Task AnnounceAsync(ServerSettings settings, ObjectParts objects, CancellationToken cancellationToken)
    {
        _announcement = new PeerAnnouncement(
            new IdentityLease(objects.Writer, objects.Registry, time, Environment.MachineName, Port),
            new KubernetesEndpoints(objects.Writer, Port),
            objects.Store is EtcdStore ? new MasterLeases(objects.Store) : null,
            settings.Address,
            time,
            loggers.CreateLogger<PeerAnnouncement>());
        await _announcement.OnceAsync(cancellationToken);
        Keep(_announcement.RunAsync(_stopping.Token));
    }

    private void RunRepairs(ObjectParts objects, FlowController? flows)
    {
        var registration = new ApiServiceRegistration(
            objects.Registry, objects.Writer, time, loggers.CreateLogger<ApiServiceRegistration>());
        Keep(registration.RunAsync(_stopping.Token));
        var services = new ServiceRepair(objects.Registry, objects.Allocator, objects.Ports, time, loggers.CreateLogger<ServiceRepair>());
        Keep(services.RunAsync(_stopping.Token));
        if (flows is not null)
        {
            var schemas = new FlowSchemaStatuses(objects.Registry, objects.Writer, time, loggers.CreateLogger<FlowSchemaStatuses>());
            Keep(schemas.RunAsync(_stopping.Token));
        }
    }

    /// <summary>What runs until the server stops is awaited then.</summary>
    private void Keep(Task running) => _background.Add(running);

    /// <summary>Not ready any more, but serving: whoever balances load gets the time to see it.</summary>
    private async Task DelayAsync(CancellationToken cancellationToken)
    {
        if (options.ShutdownDelay > TimeSpan.Zero && _readiness.Bootstrapped)
        {
            try
            {
                await Task.Delay(options.ShutdownDelay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Patience is over: it stops now.
            }
        }
    }
}
