namespace KubeLite.ControllerRuntime.Client;

/// <summary>A kubeconfig file is missing or malformed; the message says which setting, in one line.</summary>
public sealed class KubeconfigException(string message) : Exception(message);
