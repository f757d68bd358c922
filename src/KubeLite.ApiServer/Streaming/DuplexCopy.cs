using System.Buffers;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Passes bytes between two streams, in both directions.</summary>
public static class DuplexCopy
{
    private const int BufferSize = 32 * 1024;

    /// <summary>
    /// Copies until either side ends, as Kubernetes' proxy does: a half-open connection is of no use to what is spoken over it.
    /// </summary>
    public static async Task RunAsync(Stream client, Stream backend, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task up = CopyAsync(client, backend, ended.Token), down = CopyAsync(backend, client, ended.Token);
        await Task.WhenAny(up, down);
        await ended.CancelAsync();
        await Task.WhenAll(up, down);
    }

    /// <summary>Copies one direction until it ends, is told to or breaks.</summary>
    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // A side that breaks off ends the tunnel like one that closes; nobody is left to be told.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
