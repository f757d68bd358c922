using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary>What every command over the API has.</summary>
/// <param name="Client">The connection.</param>
/// <param name="Types">What the server serves.</param>
/// <param name="Namespace">The namespace that is worked in.</param>
/// <param name="Output">Where to print.</param>
internal sealed record CommandContext(CliClient Client, ResourceTypes Types, string Namespace, TextWriter Output);
