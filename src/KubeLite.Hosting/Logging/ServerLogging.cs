using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace KubeLite.Hosting.Logging;

/// <summary>Makes the logger factory of a process. The only place that knows Serilog.</summary>
public static class ServerLogging
{
    private const string TextTemplate =
        "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u4} {SourceContext}] {Message:lj}{NewLine}{Exception}";

    /// <summary>Makes a factory; disposing it flushes.</summary>
    /// <exception cref="StartupException">The log file cannot be opened for writing.</exception>
    public static ILoggerFactory CreateFactory(LoggingOptions options)
    {
        ITextFormatter formatter = options.Format == LogFormat.Json
            ? new JsonFormatter(renderMessage: true)
            : new MessageTemplateTextFormatter(TextTemplate);
        var level = Level(options.Verbosity);
        var configuration = new LoggerConfiguration().MinimumLevel.Is(level);
        if (options.Verbosity < 6)
        {
            configuration.MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .MinimumLevel.Override("System", LogEventLevel.Warning);
        }

        if (options.File is null)
        {
            configuration.WriteTo.Console(formatter, standardErrorFromLevel: LogEventLevel.Verbose);
        }
        else
        {
            EnsureWritable(options.File);
            configuration.WriteTo.File(formatter, options.File, fileSizeLimitBytes: 64 << 20, rollOnFileSizeLimit: true,
                retainedFileCountLimit: 3, shared: false);
        }

        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    private static void EnsureWritable(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            using var _ = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot write the log file {path}: {e.Message}", e);
        }
    }

    private static LogEventLevel Level(int verbosity) => verbosity switch
    {
        < 4 => LogEventLevel.Information,
        < 6 => LogEventLevel.Debug,
        _ => LogEventLevel.Verbose,
    };
}
