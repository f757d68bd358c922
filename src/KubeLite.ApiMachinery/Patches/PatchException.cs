namespace KubeLite.ApiMachinery.Patches;

/// <summary>A patch that can't be carried out; the message is Kubernetes'.</summary>
/// <param name="code">
/// The HTTP status: 400 malformed, 422 not applicable, 413 too large. 500 is Kubernetes' own answer to errors of strategic
/// merge patch that have no status (<c>interpretStrategicMergePatchError</c> in its apiserver's patch handler lets them pass).
/// </param>
/// <param name="message">What is wrong.</param>
public sealed class PatchException(int code, string message) : Exception(message)
{
    /// <summary>What is said of every patch that doesn't apply (422).</summary>
    public const string NotApplicable = "the server rejected our request due to an error in our request";

    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;
}
