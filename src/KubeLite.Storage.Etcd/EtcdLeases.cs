using Etcdserverpb;

namespace KubeLite.Storage.Etcd;

/// <summary>Leases for keys with a time to live, shared by keys written soon after one another, as Kubernetes does (v1.36,
/// storage/etcd3/lease_manager.go). Safe for concurrent use.</summary>
internal sealed class EtcdLeases(EtcdCalls calls, TimeProvider time)
{
    // A lease lives up to a twentieth longer than asked for, at most a minute, and serves all who come within that margin.
    private const double MarginShare = 0.05;
    private const int MaxKeys = 1000;
    private static readonly TimeSpan s_maxMargin = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _gate = new(1);
    private long _lease;
    private DateTimeOffset _expires;
    private int _keys;

    /// <summary>A lease that lasts at least this long, at most a twentieth or 60 s longer.</summary>
    public async ValueTask<long> GetAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TimeSpan margin = timeToLive * MarginShare < s_maxMargin ? timeToLive * MarginShare : s_maxMargin;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            DateTimeOffset needed = time.GetUtcNow() + timeToLive;
            if (_lease != 0 && _keys < MaxKeys && needed < _expires && _expires < needed + margin)
            {
                _keys++;
                return _lease;
            }

            long seconds = (long)Math.Ceiling((timeToLive + margin).TotalSeconds);
            LeaseGrantResponse granted = await calls.WriteAsync(
                new LeaseGrantRequest { TTL = seconds },
                static (client, request, deadline, ct) => client.LeaseGrantAsync(request, null, deadline, ct),
                cancellationToken);
            (_lease, _keys, _expires) = (granted.ID, 1, time.GetUtcNow() + TimeSpan.FromSeconds(granted.TTL));
            return _lease;
        }
        finally
        {
            _gate.Release();
        }
    }
}
