namespace KubeLite.Hosting.Logging;

/// <summary>The form of a log line.</summary>
public enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
