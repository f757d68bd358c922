using Etcdserverpb;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Etcd;

/// <summary>One watch: a stream of its own that is opened again after the last revision seen whenever it ends, however it ends.
/// Reads at the consumer's pace, so a slow one is held back by HTTP/2 flow control. For one reader; progress may be requested from
/// any thread.</summary>
internal sealed partial class EtcdWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_minBackOff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxBackOff = TimeSpan.FromSeconds(2);
    private static readonly Metadata s_headers = new() { { "hasleader", "true" } };

    private readonly EtcdEndpoints _endpoints;
    private readonly Watch.WatchClient _client;
    private readonly EtcdKeys _keys;
    private readonly WatchScope _scope;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _cancellationToken;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly List<StoreEvent> _fragments = [];
    private AsyncDuplexStreamingCall<WatchRequest, WatchResponse>? _call;
    private TimeSpan _backOff = s_minBackOff;
    private long _revision;

    public EtcdWatch(
        EtcdEndpoints endpoints, EtcdKeys keys, WatchScope scope, long afterRevision, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        _endpoints = endpoints;
        _client = new Watch.WatchClient(endpoints);
        _keys = keys;
        _scope = scope;
        _revision = afterRevision;
        _time = time;
        _logger = logger;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The next batch; waits as long as it takes.</summary>
    /// <exception cref="StoreException">Compacted, or a failure that a new connection would not mend.</exception>
    public async ValueTask<StoreWatchBatch> NextAsync()
    {
        while (true)
        {
            int member = _endpoints.Current;
            string reason;
            try
            {
                AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call = _call ?? await ConnectAsync();
                while (await call.ResponseStream.MoveNext(_cancellationToken))
                {
                    _backOff = s_minBackOff;
                    if (Take(call.ResponseStream.Current) is { } batch)
                    {
                        return batch;
                    }
                }

                reason = "the stream ended";
            }
            catch (RpcException e)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                StoreException failure = EtcdErrors.Translate(e, _endpoints.CurrentUrl);
                if (failure.Code is not (StoreErrorCode.Unavailable or StoreErrorCode.Timeout))
                {
                    throw failure;
                }

                reason = failure.Message;
            }
            catch (StreamCanceledException e)
            {
                reason = e.Message;
            }
            catch (ObjectDisposedException e)
            {
                throw new StoreException(StoreErrorCode.Unavailable, "the connection to etcd is closed", e);
            }

            LogLost(_revision, reason);
            await DisconnectAsync();
            _endpoints.Rotate(member);
            await Task.Delay(_backOff, _time, _cancellationToken);
            _backOff = _backOff * 2 < s_maxBackOff ? _backOff * 2 : s_maxBackOff;
        }
    }

    /// <summary>Asks the server to report its revision. Does nothing while not connected.</summary>
    public async ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_call is { } call)
            {
                // Not with the caller's token: cancelling a write cancels the whole stream.
                await call.RequestStream.WriteAsync(
                    new WatchRequest { ProgressRequest = new WatchProgressRequest() }, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The reader finds the stream broken too and opens another.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await DisconnectAsync();

    private async ValueTask<AsyncDuplexStreamingCall<WatchRequest, WatchResponse>> ConnectAsync()
    {
        // Starting at the last revision seen, not after it, and leaving its events out: only so does the server report a compaction
        // whenever a deletion may be missing (it does not when the start is the compact revision itself).
        WatchCreateRequest create = new()
        {
            Key = _scope.Key,
            RangeEnd = _scope.End,
            StartRevision = Math.Max(1, _revision),
            PrevKv = _scope.PreviousValues,
            ProgressNotify = _scope.Progress,
            Fragment = true,
        };
        AsyncDuplexStreamingCall<WatchRequest, WatchResponse> call = _client.Watch(s_headers, null, _cancellationToken);
        await _writing.WaitAsync(_cancellationToken);
        try
        {
            await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, _cancellationToken);
            _call = call;
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask DisconnectAsync()
    {
        // First, so that a write that hangs lets go.
        _call?.Dispose();
        await _writing.WaitAsync(CancellationToken.None);
        _call = null;
        _fragments.Clear();
        _writing.Release();
    }

    private StoreWatchBatch? Take(WatchResponse response)
    {
        if (response.CompactRevision > 0)
        {
            throw StoreException.Compacted(_revision, response.CompactRevision);
        }

        if (response.Canceled)
        {
            throw new StreamCanceledException(response.CancelReason.Length > 0 ? response.CancelReason : "the server cancelled the watch");
        }

        if (response.Created)
        {
            return null;
        }

        long reached = _revision;
        foreach (Mvccpb.Event change in response.Events)
        {
            if (change.Kv.ModRevision > _revision)
            {
                reached = change.Kv.ModRevision;
                Add(change);
            }
        }

        // A fragment may end in the midst of a revision.
        if (response.Fragment)
        {
            return null;
        }

        if (response.Events.Count == 0)
        {
            // Progress: everything up to the header's revision was sent before.
            _revision = Math.Max(_revision, response.Header.Revision);
            return new StoreWatchBatch(_revision, []);
        }

        if (reached == _revision && _fragments.Count == 0)
        {
            return null;
        }

        _revision = Math.Max(reached, _fragments.Count > 0 ? _fragments[^1].KeyValue.ModRevision : 0);
        StoreEvent[] events = [.. _fragments];
        _fragments.Clear();
        return new StoreWatchBatch(_revision, events);
    }

    private void Add(Mvccpb.Event change)
    {
        if (_scope.Filter is { } filter && !change.Kv.Key.Span.StartsWith(filter.Span))
        {
            return;
        }

        KeyValue pair = _keys.FromEtcd(change.Kv);
        KeyValue? previous = change.PrevKv is null ? null : _keys.FromEtcd(change.PrevKv);
        _fragments.Add(change.Type == Mvccpb.Event.Types.EventType.Put
            ? new StoreEvent(StoreEventType.Put, pair, previous)
            : new StoreEvent(StoreEventType.Delete, pair with { Value = default, CreateRevision = 0, Version = 0 }, previous));
    }

    [LoggerMessage(30, LogLevel.Warning, "The watch on etcd was lost at revision {ResourceVersion}: {Reason}; reconnecting")]
    private partial void LogLost(long resourceVersion, string reason);

    private sealed class StreamCanceledException(string reason) : Exception(reason);
}
