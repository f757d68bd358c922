namespace KubeLite.ApiMachinery.Documents;

/// <summary>A text that is no JSON; the message is what Go's decoder says of it.</summary>
public sealed class JsonSyntaxException(string message) : Exception(message);
