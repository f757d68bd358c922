namespace KubeLite.ControllerRuntime.Client;

/// <summary>What discovery found.</summary>
/// <param name="Preferred">Each resource once, in its group's preferred version that has it.</param>
/// <param name="All">Each resource in every version.</param>
/// <param name="Failed">Group versions whose server didn't answer, as <c>group/version</c>.</param>
public sealed record DiscoveryResult(
    IReadOnlyList<DiscoveredResource> Preferred, IReadOnlyList<DiscoveredResource> All, IReadOnlyList<string> Failed);
