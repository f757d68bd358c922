namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>A block of a PEM text.</summary>
/// <param name="Label">What it says it is.</param>
/// <param name="HasHeaders">True where header lines stand before the content.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PemBlock(string Label, bool HasHeaders, byte[] Content);
