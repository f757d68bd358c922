namespace KubeLite.Kubelet.Pods;

/// <summary>Why the kubelet itself ended a Pod.</summary>
/// <param name="Reason">In CamelCase, for example <c>DeadlineExceeded</c>.</param>
/// <param name="Message">The words for the user.</param>
internal sealed record PodOutcome(string Reason, string Message);
