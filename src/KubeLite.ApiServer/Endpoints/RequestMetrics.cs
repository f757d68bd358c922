using System.Globalization;
using KubeLite.ApiServer.FlowControl;
using KubeLite.ApiServer.Limits;
using KubeLite.ApiServer.Requests;
using Prometheus;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>Counts requests under the names that Kubernetes' API server uses.</summary>
public sealed class RequestMetrics
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly Counter _total;
    private readonly Histogram _duration;

    /// <summary>Makes the counters.</summary>
    public RequestMetrics()
    {
        MetricFactory factory = Metrics.WithCustomRegistry(_registry);
        _total = factory.CreateCounter(
            "apiserver_request_total", "Requests, by verb, resource and code.", "code", "group", "resource", "scope", "subresource",
            "verb", "version");
        var durations = new HistogramConfiguration
        {
            LabelNames = ["group", "resource", "scope", "subresource", "verb", "version"],
            Buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
        };
        _duration = factory.CreateHistogram("apiserver_request_duration_seconds", "Time until requests were answered.", durations);
        DotNetStats.Register(_registry);
    }

    /// <summary>Shows how many requests are being served whenever metrics are read.</summary>
    public void Show(InFlightLimiter limiter)
    {
        Gauge current = Metrics.WithCustomRegistry(_registry)
            .CreateGauge("apiserver_current_inflight_requests", "Requests being served.", "request_kind");
        _registry.AddBeforeCollectCallback(() =>
        {
            current.WithLabels("readOnly").Set(limiter.Reading);
            current.WithLabels("mutating").Set(limiter.Mutating);
        });
    }

    /// <summary>Shows how the priority levels stand whenever metrics are read.</summary>
    public void Show(FlowController flows)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(_registry);
        Gauge nominal = Gauge("apiserver_flowcontrol_nominal_limit_seats", "Seats of a priority level's own.");
        Gauge executing = Gauge("apiserver_flowcontrol_current_executing_seats", "Seats in use.");
        Gauge waiting = Gauge("apiserver_flowcontrol_current_inqueue_requests", "Requests that wait.");
        Counter rejected = factory.CreateCounter(
            "apiserver_flowcontrol_rejected_requests_total", "Requests that were turned away.", "priority_level");
        _registry.AddBeforeCollectCallback(() =>
        {
            foreach (FlowLevelState level in flows.Describe())
            {
                nominal.WithLabels(level.Name).Set(level.Nominal);
                executing.WithLabels(level.Name).Set(level.Executing);
                waiting.WithLabels(level.Name).Set(level.Waiting);
                rejected.WithLabels(level.Name).IncTo(level.Rejected);
            }
        });

        Gauge Gauge(string name, string help) => factory.CreateGauge(name, help, "priority_level");
    }

    /// <summary>What /metrics serves.</summary>
    public CollectorRegistry Registry => _registry;

    /// <summary>Counts a request that was answered.</summary>
    public void Observe(ApiRequest request, int code, TimeSpan duration)
    {
        RequestInfo info = request.Info;
        if (!info.IsResource)
        {
            return;
        }

        string scope = info.Name.Length > 0 ? "resource" : info.Namespace.Length > 0 ? "namespace" : "cluster";
        string verb = info.Verb.ToUpperInvariant();
        _total.WithLabels(
            code.ToString(CultureInfo.InvariantCulture), info.Group, info.Resource, scope, info.Subresource, verb, info.Version).Inc();
        if (verb != "WATCH")
        {
            _duration.WithLabels(info.Group, info.Resource, scope, info.Subresource, verb, info.Version).Observe(duration.TotalSeconds);
        }
    }
}
