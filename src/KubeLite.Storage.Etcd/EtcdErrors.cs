using Grpc.Core;

namespace KubeLite.Storage.Etcd;

/// <summary>Turns gRPC statuses and etcd's messages (etcd 3.6, api/v3rpc/rpctypes/error.go) into the store's codes.</summary>
internal static class EtcdErrors
{
    public static StoreException Translate(RpcException e, string endpoint)
    {
        string detail = e.Status.Detail.ReplaceLineEndings(" ");
        StoreErrorCode code = e.StatusCode switch
        {
            StatusCode.OutOfRange when Says(detail, "compacted") => StoreErrorCode.Compacted,
            StatusCode.OutOfRange when Says(detail, "future revision") => StoreErrorCode.FutureRevision,
            StatusCode.InvalidArgument when Says(detail, "too large") => StoreErrorCode.TooLarge,
            StatusCode.ResourceExhausted when Says(detail, "space exceeded") => StoreErrorCode.NoSpace,
            StatusCode.ResourceExhausted when Says(detail, "larger than max") => StoreErrorCode.TooLarge,
            StatusCode.DeadlineExceeded => StoreErrorCode.Timeout,
            StatusCode.Unavailable when Says(detail, "timed out") => StoreErrorCode.Timeout,
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => StoreErrorCode.Unauthenticated,
            StatusCode.DataLoss => StoreErrorCode.Corrupt,
            StatusCode.InvalidArgument => StoreErrorCode.InvalidArgument,
            _ => StoreErrorCode.Unavailable,
        };
        string message = code switch
        {
            StoreErrorCode.Timeout => $"etcd at {endpoint} did not answer in time",
            StoreErrorCode.Unavailable => $"etcd at {endpoint} does not answer ({detail})",
            StoreErrorCode.NoSpace =>
                $"etcd at {endpoint} is out of space: compact and defragment it or raise its quota, then disarm the alarm",
            _ => $"etcd at {endpoint}: {detail}",
        };
        return new StoreException(code, message, e);
    }

    private static bool Says(string detail, string words) => detail.Contains(words, StringComparison.OrdinalIgnoreCase);
}
