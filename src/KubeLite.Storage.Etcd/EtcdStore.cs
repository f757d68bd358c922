using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Etcd;

/// <summary>A store on an etcd v3 cluster (3.4 or later).</summary>
public sealed class EtcdStore : IKeyValueStore
{
    private static readonly TimeSpan s_healthLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_connectStep = TimeSpan.FromMilliseconds(200);

    private readonly EtcdStoreOptions _options;
    private readonly EtcdEndpoints _endpoints;
    private readonly EtcdCalls _calls;
    private readonly EtcdKeys _keys;
    private readonly EtcdLeases _leases;
    private readonly TimeProvider _time;
    private readonly ILogger<EtcdStore> _logger;
    private readonly bool _progressIsReliable;
    private readonly ConcurrentDictionary<EtcdWatch, bool> _watches = new();
    private readonly CancellationTokenSource _closing = new();
    private long _compacted;

    private EtcdStore(
        EtcdStoreOptions options, EtcdEndpoints endpoints, EtcdCalls calls, bool progressIsReliable, TimeProvider time,
        ILogger<EtcdStore> logger)
    {
        _options = options;
        _endpoints = endpoints;
        _calls = calls;
        _keys = new EtcdKeys(options.Prefix);
        _leases = new EtcdLeases(calls, time);
        _progressIsReliable = progressIsReliable;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc />
    public long CompactedRevision => Volatile.Read(ref _compacted);

    /// <inheritdoc />
    public bool RevisionIsLocal => false;

    /// <summary>Connects to a cluster; waits up to <see cref="EtcdStoreOptions.ConnectTimeout"/> for a member that answers.</summary>
    /// <exception cref="StoreException">Unavailable, InvalidArgument or Unauthenticated; one line that says what to do.</exception>
    public static async Task<EtcdStore> ConnectAsync(
        EtcdStoreOptions options, TimeProvider timeProvider, ILogger<EtcdStore> logger, CancellationToken cancellationToken)
    {
        EtcdEndpoints endpoints = new(options);
        EtcdCalls calls = new(endpoints, options.CallTimeout, timeProvider);
        long started = timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                StatusResponse status = await calls.ReadAsync(
                    options.ConnectTimeout,
                    new StatusRequest(),
                    static (client, request, deadline, ct) => client.StatusAsync(request, null, deadline, ct),
                    cancellationToken);
                return new EtcdStore(
                    options, endpoints, calls, EtcdVersions.ProgressIsReliable(status.Version), timeProvider, logger);
            }
            catch (StoreException e) when (e.Code is StoreErrorCode.Unavailable or StoreErrorCode.Timeout)
            {
                if (timeProvider.GetElapsedTime(started) >= options.ConnectTimeout)
                {
                    endpoints.Dispose();
                    throw new StoreException(
                        StoreErrorCode.Unavailable,
                        $"etcd does not answer at {string.Join(", ", options.Endpoints)}: start it or correct --etcd-servers", e);
                }
            }
            catch
            {
                endpoints.Dispose();
                throw;
            }

            await Task.Delay(s_connectStep, timeProvider, cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken) =>
        GetRevisionAsync(_options.CallTimeout, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<KeyValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key);
        RangeResponse response = await RangeAsync(new RangeRequest { Key = _keys.ToEtcd(key) }, cancellationToken);
        return response.Kvs.Count > 0 ? _keys.FromEtcd(response.Kvs[0]) : null;
    }

    /// <inheritdoc />
    public async ValueTask<RangeResult> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        (string start, string? end) = query.GetBounds();
        RangeRequest request = new()
        {
            Key = start.Length == 0 ? EtcdKeys.Unbounded : _keys.ToEtcd(start),
            RangeEnd = end is null ? EtcdKeys.Unbounded : _keys.ToEtcd(end),
            Limit = query.Limit,
            Revision = query.Revision,
            CountOnly = query.CountOnly,
        };
        RangeResponse response = await RangeAsync(request, cancellationToken);
        KeyValue[] items = new KeyValue[response.Kvs.Count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = _keys.FromEtcd(response.Kvs[i]);
        }

        long revision = query.Revision == 0 ? response.Header.Revision : query.Revision;
        return new RangeResult(revision, items, response.Count, response.More);
    }

    /// <inheritdoc />
    public async ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        CheckKey(key);
        if (timeToLive <= TimeSpan.Zero || expectedModRevision < 0)
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "a time to live must be positive, an expected revision not negative");
        }

        PutRequest put = new() { Key = _keys.ToEtcd(key), Value = UnsafeByteOperations.UnsafeWrap(value) };
        if (timeToLive is { } lifetime)
        {
            put.Lease = await _leases.GetAsync(lifetime, cancellationToken);
        }

        if (expectedModRevision is not { } expected)
        {
            PutResponse response = await _calls.WriteAsync(
                put, static (client, request, deadline, ct) => client.PutAsync(request, null, deadline, ct), cancellationToken);
            return new WriteResult(true, response.Header.Revision, null);
        }

        TxnResponse txn = await CompareAndAsync(put.Key, expected, new RequestOp { RequestPut = put }, cancellationToken);
        return txn.Succeeded ? new WriteResult(true, txn.Header.Revision, null) : Failed(txn);
    }

    /// <inheritdoc />
    public async ValueTask<WriteResult> DeleteAsync(string key, long? expectedModRevision, CancellationToken cancellationToken)
    {
        CheckKey(key);
        DeleteRangeRequest delete = new() { Key = _keys.ToEtcd(key) };
        if (expectedModRevision is not { } expected)
        {
            DeleteRangeResponse response = await _calls.WriteAsync(
                delete, static (client, request, deadline, ct) => client.DeleteAsync(request, null, deadline, ct), cancellationToken);
            return new WriteResult(response.Deleted > 0, response.Header.Revision, null);
        }

        TxnResponse txn = await CompareAndAsync(delete.Key, expected, new RequestOp { RequestDeleteRange = delete }, cancellationToken);
        return txn.Succeeded
            ? new WriteResult(txn.Responses[0].ResponseDeleteRange.Deleted > 0, txn.Header.Revision, null)
            : Failed(txn);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await using EtcdWatch watch = new(_endpoints, _keys, ScopeOf(prefix), afterRevision, _time, _logger, either.Token);
        _watches.TryAdd(watch, true);
        try
        {
            while (true)
            {
                yield return await NextAsync(watch, cancellationToken);
            }
        }
        finally
        {
            _watches.TryRemove(watch, out _);
        }
    }

    /// <inheritdoc />
    public async ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        if (_progressIsReliable)
        {
            foreach (EtcdWatch watch in _watches.Keys)
            {
                await watch.RequestProgressAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.WriteAsync(
                new CompactionRequest { Revision = revision },
                static (client, request, deadline, ct) => client.CompactAsync(request, null, deadline, ct),
                cancellationToken);
        }
        catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
        {
            return;
        }

        NoteCompacted(revision);
    }

    /// <summary>Compacts history older than one interval, again and again until cancelled, in turn with every other API server that
    /// does the same on this etcd, Kubernetes' own included (v1.36, storage/etcd3/compact.go, key compact_rev_key).</summary>
    /// <param name="interval">Kubernetes' default, --etcd-compaction-interval, is 5 min.</param>
    /// <param name="cancellationToken">Ends the loop; it then returns normally.</param>
    public Task RunCompactionAsync(TimeSpan interval, CancellationToken cancellationToken) =>
        new EtcdCompaction(_calls, NoteCompacted, _time, _logger).RunAsync(interval, cancellationToken);

    /// <inheritdoc />
    public async ValueTask CheckHealthAsync(CancellationToken cancellationToken) =>
        await GetRevisionAsync(s_healthLimit, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _endpoints.Dispose();
    }

    private static void CheckKey(string key)
    {
        if (string.IsNullOrEmpty(key))
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, "a key must not be empty");
        }
    }

    private async ValueTask<StoreWatchBatch> NextAsync(EtcdWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.NextAsync();
        }
        catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
        {
            NoteCompacted(e.CompactRevision);
            throw;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorCode.Unavailable, "the connection to etcd is closed");
        }
    }

    private WatchScope ScopeOf(string prefix)
    {
        ByteString start = prefix.Length == 0 ? EtcdKeys.Unbounded : _keys.ToEtcd(prefix);
        ByteString end = RangeQuery.GetPrefixEnd(prefix) is { } last ? _keys.ToEtcd(last) : EtcdKeys.Unbounded;

        // Where progress can't be asked for reliably, every write of the whole store is watched and those elsewhere are progress.
        return _progressIsReliable
            ? new WatchScope(start, end, null, _options.PreviousValues, true)
            : new WatchScope(
                EtcdKeys.Unbounded, EtcdKeys.Unbounded, prefix.Length == 0 ? null : start, _options.PreviousValues, false);
    }

    private async ValueTask<long> GetRevisionAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        RangeResponse response = await _calls.ReadAsync(
            limit,
            new RangeRequest { Key = ByteString.CopyFromUtf8("/"), CountOnly = true },
            static (client, request, deadline, ct) => client.GetAsync(request, null, deadline, ct),
            cancellationToken);
        return response.Header.Revision;
    }

    private ValueTask<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => _calls.ReadAsync(
        request, static (client, range, deadline, ct) => client.GetAsync(range, null, deadline, ct), cancellationToken);

    private ValueTask<TxnResponse> CompareAndAsync(ByteString key, long expected, RequestOp then, CancellationToken cancellationToken)
    {
        TxnRequest txn = new();
        txn.Compare.Add(new Compare
        {
            Key = key,
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Equal,
            ModRevision = expected,
        });
        txn.Success.Add(then);
        txn.Failure.Add(new RequestOp { RequestRange = new RangeRequest { Key = key } });
        return _calls.WriteAsync(
            txn, static (client, request, deadline, ct) => client.TransactionAsync(request, null, deadline, ct), cancellationToken);
    }

    private WriteResult Failed(TxnResponse txn)
    {
        RangeResponse found = txn.Responses[0].ResponseRange;
        return new WriteResult(false, txn.Header.Revision, found.Kvs.Count > 0 ? _keys.FromEtcd(found.Kvs[0]) : null);
    }

    private void NoteCompacted(long revision)
    {
        long known = Volatile.Read(ref _compacted);
        while (revision > known)
        {
            long seen = Interlocked.CompareExchange(ref _compacted, revision, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
