using System.Globalization;
using System.Threading.Channels;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler.Api;

/// <summary>
/// Records events in the manner of <c>events.k8s.io/v1</c> (event time, action, series; no counts) in the background. Equal
/// events within six minutes become one with a series. They are written as core/v1, which is what the API stores. Holds at
/// most 1,000 events and drops what comes on top, for scheduling must not wait for them. Thread-safe.
/// </summary>
internal sealed partial class SchedulingEvents : IAsyncDisposable
{
    private const string Controller = "default-scheduler";
    private const int Waiting = 1000;
    private const int MaxSeries = 4096;
    private const int Writers = 4;

    private static readonly TimeSpan s_seriesGap = TimeSpan.FromMinutes(6);

    private readonly ApiClient _client;
    private readonly string _instance;
    private readonly TimeProvider _time;
    private readonly ILogger<SchedulingEvents> _logger;
    private readonly Channel<Occurrence> _channel = Channel.CreateBounded<Occurrence>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Series> _series = [];
    private readonly Task _writing;

    /// <summary>Starts the writers.</summary>
    public SchedulingEvents(ApiClient client, string instance, TimeProvider time, ILogger<SchedulingEvents> logger)
    {
        _client = client;
        _instance = instance;
        _time = time;
        _logger = logger;
        var writers = new Task[Writers];
        for (var i = 0; i < Writers; i++)
        {
            writers[i] = Task.Run(WriteAllAsync);
        }

        _writing = Task.WhenAll(writers);
    }

    /// <summary>Records an event.</summary>
    /// <param name="regarding">The Pod that it is about.</param>
    /// <param name="related">Another Pod that has to do with it; null for none.</param>
    /// <param name="type">Normal or Warning.</param>
    /// <param name="reason">Why, in CamelCase.</param>
    /// <param name="action">What was done.</param>
    /// <param name="note">The words for the user.</param>
    public void Record(V1Pod regarding, V1Pod? related, string type, string reason, string action, string note)
    {
        var key = new Key(regarding.Metadata.Uid, type, reason, action, related?.Metadata.Uid, note);
        _channel.Writer.TryWrite(new Occurrence(key, regarding, related, _time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        await _writing;
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            await foreach (var occurrence in _channel.Reader.ReadAllAsync(_stop.Token))
            {
                await WriteAsync(occurrence);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped with events left; they are dropped.
        }
    }

    private async Task WriteAsync(Occurrence occurrence)
    {
        try
        {
            if (Repeated(occurrence) is { } series)
            {
                var patch = new Corev1Event
                {
                    InvolvedObject = null!,
                    Metadata = null!,
                    Series = new Corev1EventSeries { Count = series.Count, LastObservedTime = occurrence.Time.UtcDateTime },
                };
                await _client.PatchAsync<Corev1Event>(
                    occurrence.Regarding.Metadata.NamespaceProperty, series.Name, PatchFormat.StrategicMerge, patch,
                    WriteOptions.None, _stop.Token);
            }
            else
            {
                await _client.CreateAsync(NewEvent(occurrence), _stop.Token);
            }
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
        {
            lock (_lock)
            {
                _series.Remove(occurrence.Key);
            }

            Failed(_logger, occurrence.Key.Reason, occurrence.Regarding.Metadata.NamespaceProperty,
                occurrence.Regarding.Metadata.Name, e.Message);
        }
    }

    private Series? Repeated(Occurrence occurrence)
    {
        lock (_lock)
        {
            if (_series.TryGetValue(occurrence.Key, out var series) && occurrence.Time - series.Last < s_seriesGap)
            {
                series = series with { Count = series.Count + 1, Last = occurrence.Time };
                _series[occurrence.Key] = series;
                return series;
            }

            if (_series.Count >= MaxSeries)
            {
                _series.Clear();
            }

            // Binding happens once a Pod, so its event cannot repeat.
            if (occurrence.Key.Reason != "Scheduled")
            {
                _series[occurrence.Key] = new Series(Name(occurrence), 1, occurrence.Time);
            }

            return null;
        }
    }

    private Corev1Event NewEvent(Occurrence occurrence) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = Name(occurrence),
            NamespaceProperty = occurrence.Regarding.Metadata.NamespaceProperty,
        },
        EventTime = occurrence.Time.UtcDateTime,
        ReportingComponent = Controller,
        ReportingInstance = _instance,
        Action = occurrence.Key.Action,
        Reason = occurrence.Key.Reason,
        InvolvedObject = Reference(occurrence.Regarding),
        Related = occurrence.Related is null ? null : Reference(occurrence.Related),
        Message = occurrence.Key.Note,
        Type = occurrence.Key.Type,
    };

    private static V1ObjectReference Reference(V1Pod pod) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Name = pod.Metadata.Name,
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Uid = pod.Metadata.Uid,
        ResourceVersion = pod.Metadata.ResourceVersion,
    };

    private static string Name(Occurrence occurrence) => string.Create(CultureInfo.InvariantCulture,
        $"{occurrence.Regarding.Metadata.Name}.{(occurrence.Time - DateTimeOffset.UnixEpoch).Ticks * 100:x}");

    [LoggerMessage(1, LogLevel.Warning, "Could not record the event {Reason} of Pod {Namespace}/{Name}: {Error}")]
    private static partial void Failed(ILogger logger, string reason, string @namespace, string name, string error);

    private sealed record Key(string Uid, string Type, string Reason, string Action, string? Related, string Note);

    private sealed record Series(string Name, int Count, DateTimeOffset Last);

    private sealed record Occurrence(Key Key, V1Pod Regarding, V1Pod? Related, DateTimeOffset Time);
}
