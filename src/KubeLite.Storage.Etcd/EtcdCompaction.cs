using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Etcd;

/// <summary>Periodic compaction that several API servers share: the key compact_rev_key counts the rounds by its version, and only
/// the server that writes it next compacts (Kubernetes v1.36, storage/etcd3/compact.go).</summary>
internal sealed partial class EtcdCompaction(EtcdCalls calls, Action<long> compacted, TimeProvider time, ILogger logger)
{
    private static readonly ByteString s_key = ByteString.CopyFromUtf8("compact_rev_key");

    private readonly ILogger _logger = logger;

    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval, time);
        long round = 0;
        long revision = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    (round, revision) = await CompactAsync(round, revision, cancellationToken);
                }
                catch (StoreException e)
                {
                    LogFailed(e.Code, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>One round: compacts to <paramref name="revision"/>, the store's revision one interval ago, if no other server has
    /// done this round. Returns the next round and the revision to compact to then.</summary>
    private async Task<(long Round, long Revision)> CompactAsync(long round, long revision, CancellationToken cancellationToken)
    {
        TxnRequest txn = new();
        txn.Compare.Add(new Compare
        {
            Key = s_key,
            Target = Compare.Types.CompareTarget.Version,
            Result = Compare.Types.CompareResult.Equal,
            Version = round,
        });
        ByteString value = ByteString.CopyFromUtf8(revision.ToString(CultureInfo.InvariantCulture));
        txn.Success.Add(new RequestOp { RequestPut = new PutRequest { Key = s_key, Value = value } });
        txn.Failure.Add(new RequestOp { RequestRange = new RangeRequest { Key = s_key } });
        TxnResponse response = await calls.WriteAsync(
            txn, static (client, request, deadline, ct) => client.TransactionAsync(request, null, deadline, ct), cancellationToken);

        long now = response.Header.Revision;
        if (!response.Succeeded)
        {
            RangeResponse found = response.Responses[0].ResponseRange;
            return (found.Kvs.Count > 0 ? found.Kvs[0].Version : 0, now);
        }

        if (revision > 0)
        {
            try
            {
                await calls.WriteAsync(
                    new CompactionRequest { Revision = revision },
                    static (client, request, deadline, ct) => client.CompactAsync(request, null, deadline, ct),
                    cancellationToken);
                compacted(revision);
            }
            catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
            {
                // Someone has compacted further; so much the better.
            }
        }

        return (round + 1, now);
    }

    [LoggerMessage(31, LogLevel.Warning, "Compacting etcd failed ({Code}): {Reason}; trying again at the next interval")]
    private partial void LogFailed(StoreErrorCode code, string reason);
}
