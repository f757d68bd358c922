namespace KubeLite.Kubelet.Drivers;

/// <summary>A driver could not do what it was asked for.</summary>
/// <param name="reason">Why, in CamelCase, as a container's waiting state shows it; for example <c>ErrImagePull</c>.</param>
/// <param name="message">The words for the user.</param>
public sealed class PodDriverException(string reason, string message) : Exception(message)
{
    /// <summary>Why, in CamelCase.</summary>
    public string Reason { get; } = reason;
}
