namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Where a custom resource keeps what its scale shows, as simple JSON paths (<c>.spec.replicas</c>).</summary>
/// <param name="Spec">The wanted number.</param>
/// <param name="Status">The number that there is.</param>
/// <param name="Selector">The selector as text; null for none.</param>
public sealed record ScalePaths(string Spec, string Status, string? Selector);
