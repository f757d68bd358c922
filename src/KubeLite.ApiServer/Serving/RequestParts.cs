using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Limits;
using KubeLite.ApiServer.OpenApi;
using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.ApiServer.Streaming;
using KubeLite.ApiServer.Subresources;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Serving;

/// <summary>The parts that a request goes through, put together over the objects; owns the connections to kubelets and Pods.</summary>
internal sealed class RequestParts : IDisposable
{
    private readonly ServerSettings _settings;
    private readonly ApiServerOptions _options;
    private readonly ObjectParts _objects;
    private readonly TimeProvider _time;
    private readonly BackendConnector _kubelets;
    private readonly BackendConnector _workloads = BackendConnector.ForWorkloads();

    /// <summary>Puts them together.</summary>
    /// <param name="settings">Who is believed.</param>
    /// <param name="options">Limits, and what is switched on.</param>
    /// <param name="objects">What requests are about.</param>
    /// <param name="checks">What health depends on.</param>
    /// <param name="loggers">Gets what goes wrong.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Ends watches and tunnels.</param>
    public RequestParts(
        ServerSettings settings,
        ApiServerOptions options,
        ObjectParts objects,
        IReadOnlyList<HealthCheck> checks,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken stopping)
    {
        (_settings, _options, _objects, _time) = (settings, options, objects, time);
        _kubelets = BackendConnector.ForKubelets(options);
        Flows = SharedOut();
        Pipeline = Assemble(checks, loggers, stopping);
    }

    /// <summary>Shares out the seats; null where nothing is shared out: fairness is off, or there is no limit.</summary>
    public FlowController? Flows { get; }

    /// <summary>The whole way of a request.</summary>
    public RequestPipeline Pipeline { get; }

    /// <summary>Closes the connections to kubelets and Pods.</summary>
    public void Dispose()
    {
        _kubelets.Dispose();
        _workloads.Dispose();
    }

    private FlowController? SharedOut()
    {
        int seats = _options.MaxRequestsInFlight + _options.MaxMutatingRequestsInFlight;
        // As in Kubernetes, a request spends at most a quarter of its time waiting.
        return _options.PriorityAndFairness && seats > 0
            ? new FlowController(_objects.Registry, seats, _options.RequestTimeout / 4, _time)
            : null;
    }

    private RequestPipeline Assemble(IReadOnlyList<HealthCheck> checks, ILoggerFactory loggers, CancellationToken stopping)
    {
        var accounts = new ServiceAccountTokens(_options, _objects.Registry, _time);
        var reads = new ReadEndpoint(_objects.Registry, _objects.Store);
        var patches = new PatchEndpoint(_objects.Codec, _objects.Objects, _objects.Writes);
        var discovery = new DiscoveryEndpoint(_objects.Registry, ApiFacts.Newest);
        var limiter = new InFlightLimiter(_options.MaxRequestsInFlight, _options.MaxMutatingRequestsInFlight);
        RequestMetrics metrics = Metrics(limiter);
        return new RequestPipeline(
            new Authenticator(_settings.Certificates, _settings.Tokens, accounts, _options),
            new Impersonation(_objects.Authorizer),
            _objects.Authorizer,
            _objects.Registry,
            Subresources(accounts, reads, patches, stopping),
            discovery,
            new HealthEndpoint(checks),
            [
                new VersionEndpoint(),
                new MetricsEndpoint(metrics),
                new OpenApiEndpoint(_objects.Registry, ApiFacts.Newest),
                new IndexEndpoint(discovery, checks),
            ],
            reads,
            new WatchEndpoint(_objects.Registry, _options, _time, stopping),
            _objects.Writes,
            patches,
            limiter,
            Flows,
            _options.RequestTimeout,
            metrics,
            _time,
            loggers.CreateLogger<RequestPipeline>());
    }

    private RequestMetrics Metrics(InFlightLimiter limiter)
    {
        var metrics = new RequestMetrics();
        if (Flows is not null)
        {
            metrics.Show(Flows);
        }

        metrics.Show(limiter);
        return metrics;
    }

    private SubresourceCatalog Subresources(
        ServiceAccountTokens accounts, ReadEndpoint reads, PatchEndpoint patches, CancellationToken stopping)
    {
        var locator = new KubeletLocator(_objects.Registry, _options);
        var tunnel = new UpgradeTunnel(stopping);
        var streams = new PodStreamEndpoints(
            _objects.Registry, _objects.Authorizer, locator, _kubelets, tunnel,
            new WebSocketTunnel(stopping), new StreamTranslator(_time, stopping));
        return BuiltInSubresources.Make(
            new SubresourceCatalog(reads, _objects.Writes, patches),
            _objects.Registry, _objects.Codec, _objects.Objects, _objects.Writes, reads, patches,
            _objects.Authorizer, accounts, _settings.Tokens,
            new PodLogEndpoint(_objects.Registry, locator, _kubelets),
            streams,
            new ProxyEndpoints(_objects.Registry, locator, _kubelets, _workloads, tunnel),
            new ComponentStatusEndpoint(_options.Components));
    }
}
