namespace KubeLite.ApiMachinery.Selectors;

/// <summary>A selector that can't be read; the message is Kubernetes'.</summary>
public sealed class SelectorException(string message) : Exception(message);
