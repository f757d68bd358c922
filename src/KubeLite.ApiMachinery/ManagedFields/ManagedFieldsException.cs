namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>An object whose fields can't be told apart, or an apply that the schema doesn't allow; the message is Kubernetes'.</summary>
public sealed class ManagedFieldsException(string message) : Exception(message);
