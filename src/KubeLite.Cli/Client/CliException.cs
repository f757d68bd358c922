namespace KubeLite.Cli.Client;

/// <summary>A command cannot be carried out; the message is shown to the user as it is.</summary>
public sealed class CliException(string message) : Exception(message);
