namespace KubeLite.ControllerManager.ReplicaSets;

/// <summary>Why Pods could not be created or deleted, for the <c>ReplicaFailure</c> condition.</summary>
/// <param name="Reason"><c>FailedCreate</c> or <c>FailedDelete</c>.</param>
/// <param name="Message">The server's words.</param>
public sealed record ReplicaFailure(string Reason, string Message);
