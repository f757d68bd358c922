namespace KubeLite.ControllerManager.Disruption;

/// <summary>A Pod's owner doesn't say how many Pods it wants.</summary>
internal sealed class ScaleUnknownException(string message) : Exception(message);
