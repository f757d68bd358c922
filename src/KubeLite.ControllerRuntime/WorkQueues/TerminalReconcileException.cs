namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>Thrown by a reconciler for what trying again can't mend; the key waits for the next change.</summary>
public sealed class TerminalReconcileException(string message, Exception? inner = null) : Exception(message, inner);
