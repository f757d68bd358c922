using System.Globalization;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.Events;

/// <summary>
/// Writes core/v1 Events in the background: an event that repeats bumps the count of the first, ten alike within ten
/// minutes become one "(combined from similar events)", and an object that floods is cut short (client-go
/// <c>tools/record</c>). At most 1000 wait; further ones are dropped. Disposing writes what waits, for at most 2 seconds.
/// </summary>
public sealed partial class EventRecorder : IEventRecorder, IAsyncDisposable
{
    private const int Capacity = 1000;
    private static readonly TimeSpan s_flushTime = TimeSpan.FromSeconds(2);

    private readonly ApiClient _client;
    private readonly string _component;
    private readonly string _host;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventCorrelator _correlator;
    private readonly Channel<Corev1Event> _waiting = Channel.CreateBounded<Corev1Event>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Starts the background writer.</summary>
    /// <param name="client">Writes the events.</param>
    /// <param name="component">The source's name, such as <c>deployment-controller</c>.</param>
    /// <param name="host">The node of the source; empty where it has none.</param>
    /// <param name="time">For time stamps.</param>
    /// <param name="logger">For events that couldn't be written.</param>
    public EventRecorder(ApiClient client, string component, string host, TimeProvider time, ILogger logger)
    {
        _client = client;
        _component = component;
        _host = host;
        _time = time;
        _logger = logger;
        _correlator = new EventCorrelator(time);
        _loop = Task.Run(WriteAllAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Record(IKubernetesObject<V1ObjectMeta> item, string type, string reason, string message) =>
        Record(
            new V1ObjectReference
            {
                ApiVersion = item.ApiVersion,
                Kind = item.Kind,
                Name = item.Metadata.Name,
                NamespaceProperty = item.Metadata.NamespaceProperty,
                Uid = item.Metadata.Uid,
                ResourceVersion = item.Metadata.ResourceVersion,
            },
            type, reason, message);

    /// <inheritdoc/>
    public void Record(V1ObjectReference item, string type, string reason, string message)
    {
        var now = _time.GetUtcNow();
        var ns = string.IsNullOrEmpty(item.NamespaceProperty) ? "default" : item.NamespaceProperty;
        _waiting.Writer.TryWrite(new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta
            {
                Name = item.Name + "." + ((now - DateTimeOffset.UnixEpoch).Ticks * 100).ToString("x", CultureInfo.InvariantCulture),
                NamespaceProperty = ns,
            },
            InvolvedObject = item,
            Reason = reason,
            Message = message,
            FirstTimestamp = now.UtcDateTime,
            LastTimestamp = now.UtcDateTime,
            Count = 1,
            Type = type,
            Source = new V1EventSource { Component = _component, Host = _host.Length == 0 ? null : _host },
            ReportingComponent = _component,
            ReportingInstance = _host,
        });
    }

    /// <summary>Writes what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        try
        {
            await _loop.WaitAsync(s_flushTime, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(false);
        }
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (var item in _waiting.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            try
            {
                await WriteAsync(item).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or System.Text.Json.JsonException)
            {
                LogNotWritten(
                    item.Reason, item.InvolvedObject.Kind, item.InvolvedObject.NamespaceProperty, item.InvolvedObject.Name, e.Message);
            }
        }
    }

    private async Task WriteAsync(Corev1Event item)
    {
        var decision = _correlator.Correlate(item);
        if (decision.Dropped)
        {
            return;
        }
        if (decision.ExistingName is { } name)
        {
            var patch = new Corev1Event
            {
                InvolvedObject = null!,
                Metadata = null!,
                Count = decision.Event.Count,
                LastTimestamp = decision.Event.LastTimestamp,
                Message = decision.Event.Message,
            };
            try
            {
                await _client.PatchAsync<Corev1Event>(
                    item.Metadata.NamespaceProperty, name, PatchFormat.StrategicMerge, patch, WriteOptions.None,
                    _stop.Token).ConfigureAwait(false);
                return;
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // It has expired on the server: write it anew below.
            }
        }
        var written = await _client.CreateAsync(decision.Event, _stop.Token).ConfigureAwait(false);
        _correlator.Written(item, written.Metadata.Name);
    }

    [LoggerMessage(LogLevel.Debug, "The event {Reason} of {Kind} {Namespace}/{Name} could not be written: {Error}")]
    private partial void LogNotWritten(string reason, string kind, string? @namespace, string name, string error);
}
