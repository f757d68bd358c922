using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeLite.ApiServer.Connections;

/// <summary>
/// Writes a connection's output to its socket at once. Kestrel's transport copies it into a pipe of its own, and a loop that
/// another thread has to be woken for sends it from there.
/// </summary>
internal static class SocketOutput
{
    /// <summary>
    /// Lets the endpoint's connections write to their sockets; comes before TLS is set up. The <see cref="SocketWriter"/> is among
    /// the connection's features.
    /// </summary>
    public static void UseSocketOutput(this ListenOptions listen) => listen.Use(next => connection => RunAsync(next, connection));

    private static async Task RunAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        IDuplexPipe transport = connection.Transport;
        var writer = new SocketWriter(socket);
        connection.Features.Set(writer);
        connection.Transport = new DuplexPipe(transport.Input, writer);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }
}
