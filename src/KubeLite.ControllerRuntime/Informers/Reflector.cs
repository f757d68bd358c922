using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.WorkQueues;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Lists, then watches from the list's version, for ever: a clean end of the watch goes on from the last version seen,
/// 410 lists anew, anything else waits (800 ms doubling to 30 s, half of it random) and goes on.
/// </summary>
internal sealed partial class Reflector<T>(
    ResourceClient<T> client, InformerSelection selection, CachedObjectReader<T> reader, Reflector<T>.ISink sink, TimeProvider time,
    ILogger logger) where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const int PageSize = 500;

    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30), jitter: 0.5);
    private string? _version;

    internal interface ISink
    {
        void Replace(IReadOnlyList<CachedObject<T>> items);

        void Set(CachedObject<T> item);

        void Remove(CachedObject<T> item);
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                {
                    await ListAsync(cancellationToken).ConfigureAwait(false);
                }
                var seen = await WatchAsync(cancellationToken).ConfigureAwait(false);
                if (seen)
                {
                    _backoff.Reset();
                    continue;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiStatusException e) when (e.IsGone)
            {
                LogGone(client.Resource.Plural, _version);
                _version = null;
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or IOException or JsonException or TimeoutException
                or OperationCanceledException)
            {
                LogFailed(client.Resource.Plural, _version, e.Message);
            }
            catch (Exception e)
            {
                // A fault of ours; the cache is never brought up to date again, which nobody must have to guess.
                LogEnded(e, client.Resource.Plural, _version);
                throw;
            }
            await DelayAsync(_backoff.Next(), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<CachedObject<T>>();
        var options =
            new ListOptions { LabelSelector = selection.LabelSelector, FieldSelector = selection.FieldSelector, Limit = PageSize };
        while (true)
        {
            var page = await client.ListAsync(selection.Namespace, options, reader.Read, cancellationToken).ConfigureAwait(false);
            items.AddRange(page.Items);
            if (string.IsNullOrEmpty(page.Metadata?.ContinueProperty))
            {
                sink.Replace(items);
                _version = page.Metadata?.ResourceVersion ?? "";
                return;
            }
            options = options with { Continue = page.Metadata.ContinueProperty };
        }
    }

    /// <summary>Whether anything came, so that the next watch may start at once.</summary>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var options = new ListOptions
        {
            LabelSelector = selection.LabelSelector,
            FieldSelector = selection.FieldSelector,
            ResourceVersion = _version,
        };
        var timeout = TimeSpan.FromSeconds(Random.Shared.Next(300, 600));
        var started = time.GetTimestamp();
        var seen = false;
        var changes = client.WatchAsync(selection.Namespace, options, timeout, reader.Read, cancellationToken);
        await foreach (var change in changes.ConfigureAwait(false))
        {
            seen = true;
            switch (change.Type)
            {
                case "ADDED" or "MODIFIED":
                    sink.Set(change.Object);
                    break;
                case "DELETED":
                    sink.Remove(change.Object);
                    break;
            }
            _version = change.Object.Metadata.ResourceVersion;
        }
        return seen || time.GetElapsedTime(started) > TimeSpan.FromSeconds(1);
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition ends it.
        }
    }

    [LoggerMessage(LogLevel.Debug, "The watch of {Resource} at version {ResourceVersion} is too old; listing again")]
    private partial void LogGone(string resource, string? resourceVersion);

    [LoggerMessage(LogLevel.Warning, "Listing or watching {Resource} at version {ResourceVersion} failed and is tried again: {Error}")]
    private partial void LogFailed(string resource, string? resourceVersion, string error);

    [LoggerMessage(LogLevel.Error, "The watch of {Resource} at version {ResourceVersion} has ended for good")]
    private partial void LogEnded(Exception error, string resource, string? resourceVersion);
}
