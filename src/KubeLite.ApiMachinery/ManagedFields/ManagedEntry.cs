namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>The fields of one manager.</summary>
/// <param name="Fields">The set.</param>
/// <param name="ApiVersion">The version in which the paths are given.</param>
/// <param name="Time">When it last changed; null for never.</param>
public sealed record ManagedEntry(FieldSet Fields, string ApiVersion, string? Time);
