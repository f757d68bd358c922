namespace KubeLite.ApiServer.Registry.Core.ComponentStatuses;

/// <summary>How a component of the control plane is.</summary>
/// <param name="IsHealthy">True where it answers that it is well.</param>
/// <param name="Message">What it answered, or why it didn't.</param>
public sealed record ComponentHealth(bool IsHealthy, string Message);
