namespace KubeLite.Kubelet.Drivers;

/// <summary>Something happened to a container.</summary>
/// <param name="ContainerId">Which container.</param>
/// <param name="Change">What happened.</param>
/// <param name="At">When.</param>
/// <param name="ExitCode">The exit code, for <see cref="ContainerChange.Exited"/>; 128 + n after signal n.</param>
/// <param name="Reason">Why it ended, in CamelCase; null derives it from the exit code.</param>
/// <param name="Message">The termination message; null for none.</param>
public sealed record ContainerReport(
    string ContainerId, ContainerChange Change, DateTimeOffset At, int ExitCode = 0, string? Reason = null, string? Message = null);
