using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>Keeps the errors that a server logs.</summary>
public sealed class ErrorLog : ILoggerFactory, ILogger
{
    /// <summary>What was logged and not taken yet.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc />
    public void AddProvider(ILoggerProvider provider) { }

    /// <inheritdoc />
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc />
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc />
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Errors.Enqueue($"{formatter(state, exception)}\n{exception}");
        }
    }

    /// <inheritdoc />
    public void Dispose() { }
}
