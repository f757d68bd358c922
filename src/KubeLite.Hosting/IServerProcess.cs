namespace KubeLite.Hosting;

/// <summary>
/// One server (API server, scheduler, controller manager, kubelet) that runs as a process of its own or inside another.
/// </summary>
/// <remarks>
/// <see cref="StartAsync"/> is called at most once. <see cref="StopAsync"/> may be called at any time and more than once;
/// disposing stops first. Members may be called from any thread.
/// </remarks>
public interface IServerProcess : IAsyncDisposable
{
    /// <summary>The name of the executable, for example <c>kubelite-scheduler</c>.</summary>
    string Name { get; }

    /// <summary>Starts the server and returns when it serves.</summary>
    /// <exception cref="StartupException">The server cannot start; the message says what to do.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends when the server has stopped: successfully after <see cref="StopAsync"/>, faulted when it cannot go on (for
    /// example when leadership is lost).
    /// </summary>
    Task Completion { get; }

    /// <summary>
    /// How long open requests are waited for when the process is told to stop; ten seconds where a server says nothing else.
    /// </summary>
    TimeSpan StopPatience => TimeSpan.FromSeconds(10);

    /// <summary>Stops the server cleanly: every loop has ended and every connection is closed when it returns.</summary>
    /// <param name="cancellationToken">Ends the wait for open requests, not the stop itself.</param>
    Task StopAsync(CancellationToken cancellationToken);
}
