using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeLite.ApiServer.Connections;

/// <summary>
/// Gathers what is written to a connection while earlier bytes are still being encrypted, so that many small frames (the
/// events of a connection's watches, the answers of requests served at once) leave in few large TLS records.
/// </summary>
internal static class GatheredOutput
{
    /// <summary>As much as a TLS record holds.</summary>
    private const int RecordSize = 16 * 1024;

    /// <summary>Gathers the output of the endpoint's connections; comes after TLS was set up.</summary>
    public static void UseGatheredOutput(this ListenOptions listen) => listen.Use(next => connection => RunAsync(next, connection));

    private static async Task RunAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        IDuplexPipe encrypted = connection.Transport;
        var gathered = new Pipe(new PipeOptions(
            minimumSegmentSize: 4 * RecordSize, pauseWriterThreshold: 16 * RecordSize, resumeWriterThreshold: 8 * RecordSize,
            useSynchronizationContext: false));
        Task sending = SendAsync(gathered.Reader, encrypted.Output, connection.Features.Get<SocketWriter>());
        connection.Transport = new DuplexPipe(encrypted.Input, gathered.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            await gathered.Writer.CompleteAsync();
            await sending;
            connection.Transport = encrypted;
        }
    }

    /// <summary>Never fails: where the connection is broken, whoever writes sees that nobody reads any longer.</summary>
    private static async Task SendAsync(PipeReader gathered, PipeWriter encrypted, SocketWriter? socket)
    {
        Exception? fault = null;
        try
        {
            while (true)
            {
                ReadResult read = await gathered.ReadAsync();
                socket?.Hold();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    if ((await encrypted.WriteAsync(segment)).IsCompleted)
                    {
                        return;
                    }
                }

                gathered.AdvanceTo(read.Buffer.End);
                if (socket is not null)
                {
                    await socket.ReleaseAsync();
                }

                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e)
        {
            fault = e;
        }
        finally
        {
            await gathered.CompleteAsync(fault);
        }
    }
}
