using Microsoft.Extensions.Logging;

namespace KubeLite.Hosting;

/// <summary>Log messages of the process bootstrap.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Server} is serving")]
    public static partial void Serving(ILogger logger, string server);

    [LoggerMessage(2, LogLevel.Information, "{Server} is stopping")]
    public static partial void Stopping(ILogger logger, string server);

    [LoggerMessage(3, LogLevel.Information, "{Server} serves health and metrics on https://{Address}:{Port}")]
    public static partial void DiagnosticsServing(ILogger logger, string server, string address, int port);
}
