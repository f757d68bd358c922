namespace KubeLite.ApiMachinery.Patches;

/// <summary>A patch that can't be carried out; the message is Kubernetes'.</summary>
/// <param name="code">The HTTP status: 400 malformed, 422 not applicable, 413 too large, 500 for what Kubernetes reports without a reason.</param>
/// <param name="message">What is wrong.</param>
public sealed class PatchException(int code, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;
}
