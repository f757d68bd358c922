using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerManager.Running;

/// <summary>What every controller of one run shares. Event recorders made here live until it is disposed.</summary>
public sealed class ControllerContext(
    ApiClient client, SharedInformerFactory informers, ControllerManagerOptions options) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<EventRecorder> _recorders = [];

    /// <summary>The connection to the API server.</summary>
    public ApiClient Client => client;

    /// <summary>One watch a resource for all controllers.</summary>
    public SharedInformerFactory Informers => informers;

    /// <summary>As the process was started.</summary>
    public ControllerManagerOptions Options => options;

    /// <summary>The clock.</summary>
    public TimeProvider Time => options.Time;

    /// <summary>The time now, UTC.</summary>
    public DateTime Now => options.Time.GetUtcNow().UtcDateTime;

    /// <summary>A logger for a controller.</summary>
    public ILogger Logger(string name) => options.Loggers.CreateLogger("KubeLite.ControllerManager." + name);

    /// <summary>A recorder whose events come from <paramref name="component"/>.</summary>
    public IEventRecorder Events(string component)
    {
        var recorder = new EventRecorder(client, component, "", Time, Logger("events"));
        lock (_lock)
        {
            _recorders.Add(recorder);
        }
        return recorder;
    }

    /// <summary>Writes the events that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        List<EventRecorder> recorders;
        lock (_lock)
        {
            recorders = [.. _recorders];
            _recorders.Clear();
        }
        await Task.WhenAll(recorders.Select(r => r.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
