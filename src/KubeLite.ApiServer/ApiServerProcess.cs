using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Admission;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Bootstrap;
using KubeLite.ApiServer.Connections;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Limits;
using KubeLite.ApiServer.Peers;
using KubeLite.ApiServer.Registry.Catalog;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Streaming;
using KubeLite.ApiServer.Subresources;
using KubeLite.Hosting;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Etcd;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer;

/// <summary>The API server as a process of its own or inside another: puts its parts together, serves, stops.</summary>
public sealed class ApiServerProcess(ApiServerOptions options, ILoggerFactory loggers, TimeProvider time) : IServerProcess
{
    /// <summary>The most bytes of a request's line or headers; Go's <c>http.DefaultMaxHeaderBytes</c>, which Kubernetes keeps.</summary>
    private const int MaxHeaderBytes = 1 << 20;

    /// <summary>The most headers of a request. Go bounds only their bytes; a certificate's groups may be impersonated one by one.</summary>
    private const int MaxHeaders = 10_000;

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _background = [];
    private IKeyValueStore? _store;
    private WatchCache? _cache;
    private WebApplication? _app;
    private BackendConnector? _kubelets;
    private BackendConnector? _workloads;
    private PeerAnnouncement? _announcement;
    private volatile bool _customReady;
    private volatile bool _bootstrapped;
    private volatile bool _filled;
    private volatile bool _stops;

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

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        var network = new ServiceNetwork(options.ServiceClusterIpRange, options.ServiceNodePortRange);
        ClientCertificates certificates = ClientCertificates.Load(options.ClientCaFile);
        StaticTokens tokens = StaticTokens.Load(options.TokenAuthFile);
        IPAddress address = AdvertisedAddress.Of(options);
        X509Certificate2 serving = ServingCertificate.Load(options, network, time);
        _store = await Datastore.OpenAsync(options, loggers, time, cancellationToken);
        if (_store is EtcdStore etcd && options.EtcdCompactionInterval > TimeSpan.Zero)
        {
            _background.Add(etcd.RunCompactionAsync(options.EtcdCompactionInterval, _stopping.Token));
        }

        _cache = new WatchCache(_store, time, loggers.CreateLogger<WatchCache>());

        Defaulter defaulter = BuiltInDefaults.Make();
        var registry = new ResourceRegistry(_cache, new StoredValues(defaulter));
        ApiFacts facts = ApiFacts.Newest;
        var codec = new ObjectCodec(registry, defaulter);
        var ports = new NodePortRange(_store, network);
        var allocator = new ServiceAllocator(network, registry, ports);
        var rbac = new RbacAuthorizer(registry);
        var authorizer = new Authorizer(options, rbac, new NodeAuthorizer(registry));
        registry.Add(BuiltInResources.Make(facts, BuiltInStrategies.Make(options, allocator, authorizer)));
        var accounts = new ServiceAccountTokens(options, registry, time);
        var quotas = new ResourceQuotaPlugin(registry);
        var objects = new ObjectStore(_store, registry, codec, AdmissionPlugins.Make(registry, authorizer, quotas));
        var reads = new ReadEndpoint(registry, _store);
        var watches = new WatchEndpoint(registry, options, time, _stopping.Token);
        var writes = new WriteEndpoint(registry, codec, objects);
        var patches = new PatchEndpoint(codec, objects, writes);
        var writer = new SystemWriter(registry, codec, objects, writes, time);
        allocator.Writer = writer;
        quotas.Writer = writer;
        var metrics = new RequestMetrics();
        FlowController? flows = Flows(registry);
        if (flows is not null)
        {
            metrics.Show(flows);
        }

        var discovery = new DiscoveryEndpoint(registry, facts);
        _kubelets = BackendConnector.ForKubelets(options);
        _workloads = BackendConnector.ForWorkloads();
        var locator = new KubeletLocator(registry, options);
        var tunnel = new UpgradeTunnel(_stopping.Token);
        SubresourceCatalog subresources = BuiltInSubresources.Make(
            new SubresourceCatalog(reads, writes, patches), registry, codec, objects, writes, reads, patches, authorizer, accounts, tokens,
            new PodLogEndpoint(registry, locator, _kubelets),
            new PodStreamEndpoints(
                registry, authorizer, locator, _kubelets, tunnel, new WebSocketTunnel(_stopping.Token), new StreamTranslator(time, _stopping.Token)),
            new ProxyEndpoints(registry, locator, _kubelets, _workloads, tunnel));
        IReadOnlyList<HealthCheck> checks = Checks(_store);
        var limiter = new InFlightLimiter(options.MaxRequestsInFlight, options.MaxMutatingRequestsInFlight);
        metrics.Show(limiter);
        var pipeline = new RequestPipeline(
            new Authenticator(certificates, tokens, accounts, options),
            new Impersonation(authorizer),
            authorizer,
            registry,
            subresources,
            discovery,
            new HealthEndpoint(checks),
            [new VersionEndpoint(), new MetricsEndpoint(metrics), new OpenApi.OpenApiEndpoint(registry, facts, discovery), new IndexEndpoint(discovery, checks)],
            reads, watches, writes, patches, limiter, flows, options.RequestTimeout, metrics, time, loggers.CreateLogger<RequestPipeline>());

        await ListenAsync(serving, pipeline, cancellationToken);
        await rbac.WaitReadyAsync(cancellationToken);
        var custom = new CustomResourceController(
            registry, writer, new InstanceDeletion(registry, objects, writer, time), time, loggers.CreateLogger<CustomResourceController>());
        _background.Add(custom.RunAsync(_stopping.Token));
        await custom.Started.WaitAsync(cancellationToken);
        _customReady = true;
        Task filling = FillCachesAsync(new StorageReadinessHook(
            registry, _store, options.StorageInitializationTimeout, time, loggers.CreateLogger<StorageReadinessHook>()));
        _background.Add(filling);
        KeptConfigMap[] kept = KeptConfigMaps(certificates, registry, writer);
        await new ClusterBootstrap(writer, network, kept).RunAsync(Port, cancellationToken);
        _background.AddRange(kept.Select(map => map.RunAsync(_stopping.Token)));
        _announcement = new PeerAnnouncement(
            new IdentityLease(writer, registry, time, Environment.MachineName, Port),
            new KubernetesEndpoints(writer, Port),
            _store is EtcdStore ? new MasterLeases(_store) : null,
            address, time, loggers.CreateLogger<PeerAnnouncement>());
        await _announcement.OnceAsync(cancellationToken);
        _background.Add(_announcement.RunAsync(_stopping.Token));
        _bootstrapped = true;
        await filling.WaitAsync(cancellationToken);

        // What nobody waits for comes when the server is ready.
        _background.Add(new ServiceRepair(registry, allocator, ports, time, loggers.CreateLogger<ServiceRepair>()).RunAsync(_stopping.Token));
        if (flows is not null)
        {
            _background.Add(new FlowSchemaStatuses(registry, writer, time, loggers.CreateLogger<FlowSchemaStatuses>()).RunAsync(_stopping.Token));
        }
    }

    private async Task FillCachesAsync(StorageReadinessHook hook)
    {
        await hook.RunAsync(_stopping.Token);
        _filled = true;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_stops)
        {
            _stops = true;
            if (_announcement is not null)
            {
                await _announcement.WithdrawAsync();
                _announcement = null;
            }

            await DelayAsync(cancellationToken);
        }

        // Watches end first: they would hold the connections open for the whole grace period.
        await _stopping.CancelAsync();
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
            await _app.DisposeAsync();
            _app = null;
        }

        _kubelets?.Dispose();
        _workloads?.Dispose();
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

    /// <summary>Not ready any more, but serving: whoever balances load gets the time to see it.</summary>
    private async Task DelayAsync(CancellationToken cancellationToken)
    {
        if (options.ShutdownDelay > TimeSpan.Zero && _bootstrapped)
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

    private KeptConfigMap[] KeptConfigMaps(ClientCertificates certificates, ResourceRegistry registry, SystemWriter writer)
    {
        ILogger<KeptConfigMap> logger = loggers.CreateLogger<KeptConfigMap>();
        return
        [
            new(SystemConfigMaps.Authentication, data => SystemConfigMaps.AuthenticationData(data, certificates.AuthoritiesPem, time.GetUtcNow()), writer, registry, time, logger),
            new(SystemConfigMaps.TokenTracking, data => SystemConfigMaps.TokenTrackingData(data, time.GetUtcNow()), writer, registry, time, logger),
        ];
    }

    private async Task ListenAsync(X509Certificate2 serving, RequestPipeline pipeline, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.RequestTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Requests.RequestBody.MaxBytes + 1024;
            // As Go's server: a selector of thousands of names is a long line.
            kestrel.Limits.MaxRequestLineSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ResponseHeaderEncodingSelector = ObjectResponse.HeaderEncoding;
            if (!IPAddress.TryParse(options.BindAddress, out IPAddress? address))
            {
                throw new StartupException($"--bind-address {options.BindAddress} is no IP address");
            }

            kestrel.Listen(address, options.SecurePort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = serving;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    // Whoever shows a certificate is looked at by the authenticator: a stranger's is no credential.
                    https.AllowAnyClientCertificate();
                });
                listen.UseGatheredOutput();
            });
        });
        WebApplication app = builder.Build();
        Handler = pipeline.HandleAsync;
        app.Run(Handler);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException or SocketException)
        {
            throw new StartupException($"port {options.SecurePort} is in use: stop what listens there or choose another with --secure-port", e);
        }
        catch (SocketException e)
        {
            throw new StartupException($"cannot listen on {options.BindAddress}:{options.SecurePort}: {e.Message}", e);
        }

        _app = app;
        string bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
    }

    /// <summary>Null where nothing is shared out: fairness is off, or there is no limit.</summary>
    private FlowController? Flows(ResourceRegistry registry)
    {
        int seats = options.MaxRequestsInFlight + options.MaxMutatingRequestsInFlight;
        // As in Kubernetes, a request spends at most a quarter of its time waiting.
        return options.PriorityAndFairness && seats > 0 ? new FlowController(registry, seats, options.RequestTimeout / 4, time) : null;
    }

    private IReadOnlyList<HealthCheck> Checks(IKeyValueStore store) =>
    [
        new("ping", static _ => ValueTask.FromResult(true)),
        new("log", static _ => ValueTask.FromResult(true)),
        new("etcd", token => AnswersAsync(store, token)),
        new("etcd-readiness", token => AnswersAsync(store, token)) { ReadinessOnly = true },
        new("informer-sync", _ => ValueTask.FromResult(_customReady)) { ReadinessOnly = true },
        new("poststarthook/start-apiextensions-controllers", _ => ValueTask.FromResult(_customReady)),
        new("poststarthook/crd-informer-synced", _ => ValueTask.FromResult(_customReady)),
        new("poststarthook/storage-readiness", _ => ValueTask.FromResult(_filled)),
        new("poststarthook/start-system-namespaces-controller", _ => ValueTask.FromResult(_bootstrapped)),
        new("poststarthook/rbac/bootstrap-roles", _ => ValueTask.FromResult(_bootstrapped)),
        new("poststarthook/scheduling/bootstrap-system-priority-classes", _ => ValueTask.FromResult(_bootstrapped)),
        new("poststarthook/priority-and-fairness-config-producer", _ => ValueTask.FromResult(_bootstrapped)),
        new("poststarthook/bootstrap-controller", _ => ValueTask.FromResult(_bootstrapped)),
        new("shutdown", _ => ValueTask.FromResult(!_stops)) { ReadinessOnly = true },
    ];

    private static async ValueTask<bool> AnswersAsync(IKeyValueStore store, CancellationToken cancellationToken)
    {
        try
        {
            await store.CheckHealthAsync(cancellationToken);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }
}
