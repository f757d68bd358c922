namespace KubeLite.Hosting;

/// <summary>
/// A server cannot start or go on for a reason that its operator can remove. The message is a single line that says what to
/// do; it is shown without a stack trace and the process exits with 1.
/// </summary>
public sealed class StartupException : Exception
{
    /// <summary>Creates the exception with the line that is shown to the operator.</summary>
    public StartupException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with the line that is shown to the operator and what led to it.</summary>
    public StartupException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
