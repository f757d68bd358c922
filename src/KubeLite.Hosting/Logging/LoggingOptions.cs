namespace KubeLite.Hosting.Logging;

/// <summary>Where and how much a process logs.</summary>
public sealed record LoggingOptions
{
    /// <summary>As <c>--v</c> of Kubernetes: 0-3 information (the default is 0), 4-5 debug, 6 and more trace.</summary>
    public int Verbosity { get; init; }

    /// <summary>The form of a line; the default is <see cref="LogFormat.Text"/>.</summary>
    public LogFormat Format { get; init; }

    /// <summary>The file to append to; null (the default) logs to standard error.</summary>
    public string? File { get; init; }

    /// <summary>Parses the value of <c>--log-format</c>.</summary>
    /// <exception cref="StartupException">The value is neither <c>text</c> nor <c>json</c>.</exception>
    public static LogFormat ParseFormat(string value) => value switch
    {
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => throw new StartupException($"--log-format is \"{value}\": set it to text or json"),
    };
}
