using System.Runtime.InteropServices;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Logging;
using KubeLite.Hosting.Memory;
using Microsoft.Extensions.Logging;

namespace KubeLite.Hosting;

/// <summary>The body of <c>Main</c> of every server executable.</summary>
public static class ServerMain
{
    /// <summary>
    /// Parses the flags, builds the server, runs it until SIGINT, SIGTERM or its own end, and returns the exit code: 0 after
    /// a clean stop, 1 after an error, which is written to standard error as one line.
    /// </summary>
    /// <param name="command">The flags that the executable knows; logging flags are added to it.</param>
    /// <param name="build">Makes the server from the parsed flags. May throw <see cref="StartupException"/>.</param>
    /// <param name="args">The command line without the executable's name.</param>
    public static Task<int> RunAsync(ServerCommand command, Func<ServerContext, IServerProcess> build, string[] args)
    {
        var verbosity = command.Int("v", 0, "Verbosity of the log: 0-3 information, 4-5 debug, 6 and more everything.");
        var format = command.String("log-format", "text", "Form of the log: text or json.");
        var file = command.String("log-file", "", "Log to this file instead of standard error.");
        return command.InvokeAsync(args, (flags, cancellationToken) =>
        {
            var logging = new LoggingOptions
            {
                Verbosity = flags.GetValue(verbosity),
                Format = LoggingOptions.ParseFormat(flags.GetValue(format)!),
                File = flags.GetValue(file) is { Length: > 0 } path ? path : null,
            };
            using var loggers = ServerLogging.CreateFactory(logging);
            return RunUntilStoppedAsync(
                () => build(new ServerContext(flags, loggers, TimeProvider.System)), loggers, cancellationToken);
        });
    }

    /// <summary>Runs one server until a signal, cancellation or its own end.</summary>
    /// <exception cref="StartupException">The server could not start or could not go on.</exception>
    private static async Task<int> RunUntilStoppedAsync(
        Func<IServerProcess> build, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new StopSignals(stop);
        await using var server = build();
        var logger = loggers.CreateLogger(server.Name);
        try
        {
            await server.StartAsync(stop.Token);
            ServerLog.Serving(logger, server.Name);
            using var memory = new IdleMemory(TimeProvider.System);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stop.Token.Register(() => stopped.TrySetResult());
            await Task.WhenAny(server.Completion, stopped.Task);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A signal during the start is a clean stop.
        }

        ServerLog.Stopping(logger, server.Name);
        using var patience = new CancellationTokenSource(server.StopPatience);
        await server.StopAsync(patience.Token);
        if (server.Completion.IsFaulted)
        {
            await server.Completion;
        }

        return 0;
    }

    /// <summary>Turns SIGINT, SIGTERM and SIGHUP into a cancellation, instead of the runtime's immediate exit.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly List<PosixSignalRegistration> _registrations = [];

        public StopSignals(CancellationTokenSource stop)
        {
            foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            {
                _registrations.Add(PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    stop.Cancel();
                }));
            }
        }

        public void Dispose()
        {
            foreach (var registration in _registrations)
            {
                registration.Dispose();
            }
        }
    }
}
