using dotnet_etcd;
using Grpc.Core;

namespace KubeLite.Storage.Etcd;

/// <summary>Unary calls with deadline, change of member and the store's errors. Safe for concurrent use.</summary>
internal sealed class EtcdCalls(EtcdEndpoints endpoints, TimeSpan timeout, TimeProvider time)
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(50);

    private readonly EtcdClient _client = new(endpoints);

    /// <summary>A call of the client: request, deadline, token.</summary>
    public delegate Task<TResponse> Call<TRequest, TResponse>(
        EtcdClient client, TRequest request, DateTime deadline, CancellationToken cancellationToken);

    /// <summary>A call that may be repeated: when a member is not available the others are tried.</summary>
    public ValueTask<TResponse> ReadAsync<TRequest, TResponse>(
        TRequest request, Call<TRequest, TResponse> call, CancellationToken cancellationToken) =>
        ReadAsync(timeout, request, call, cancellationToken);

    /// <summary>As the other, with a deadline of its own.</summary>
    public async ValueTask<TResponse> ReadAsync<TRequest, TResponse>(
        TimeSpan limit, TRequest request, Call<TRequest, TResponse> call, CancellationToken cancellationToken)
    {
        DateTime deadline = time.GetUtcNow().UtcDateTime + limit;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(request, call, deadline, cancellationToken);
            }
            catch (StoreException e) when (e.Code == StoreErrorCode.Unavailable && attempt < Math.Max(2, endpoints.Count))
            {
                // The next member was chosen when the call failed; a lone one may just be changing its leader.
                await Task.Delay(s_retryDelay, time, cancellationToken);
            }
        }
    }

    /// <summary>A call that is sent once only, because nobody knows whether a failed one took effect.</summary>
    public ValueTask<TResponse> WriteAsync<TRequest, TResponse>(
        TRequest request, Call<TRequest, TResponse> call, CancellationToken cancellationToken) =>
        OnceAsync(request, call, time.GetUtcNow().UtcDateTime + timeout, cancellationToken);

    private async ValueTask<TResponse> OnceAsync<TRequest, TResponse>(
        TRequest request, Call<TRequest, TResponse> call, DateTime deadline, CancellationToken cancellationToken)
    {
        int member = endpoints.Current;
        try
        {
            return await call(_client, request, deadline, cancellationToken);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StoreException failure = EtcdErrors.Translate(e, endpoints.CurrentUrl);
            if (failure.Code is StoreErrorCode.Unavailable or StoreErrorCode.Timeout)
            {
                endpoints.Rotate(member);
            }

            throw failure;
        }
        catch (ObjectDisposedException e)
        {
            throw new StoreException(StoreErrorCode.Unavailable, "the connection to etcd is closed", e);
        }
    }
}
