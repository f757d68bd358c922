using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary><c>kubelite apply</c>: server-side apply of every object of a manifest.</summary>
internal static class ApplyCommand
{
    /// <summary>Applies the objects in the order in which they stand; goes on after a refusal.</summary>
    /// <exception cref="CliException">An object was refused; the message holds every refusal.</exception>
    public static async Task RunAsync(
        CommandContext context, IReadOnlyList<string> files, bool force, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        var types = context.Types;
        foreach (var manifest in Manifest.Read(files))
        {
            try
            {
                var type = await FindAsync();
                var path = type.Path(manifest.Namespace ?? context.Namespace, manifest.Name)
                    + "?fieldManager=kubelite" + (force ? "&force=true" : "");
                var (code, _) = await context.Client.SendAsync(
                    HttpMethod.Patch, path, "application/json", manifest.Object.ToJsonString(), "application/apply-patch+yaml",
                    cancellationToken);
                await context.Output.WriteLineAsync($"{type.Display}/{manifest.Name} {(code == 201 ? "created" : "applied")}");
            }
            catch (CliException e)
            {
                failures.Add($"{manifest.Kind} {manifest.Name}: {e.Message}");
            }

            async Task<ResourceType> FindAsync()
            {
                try
                {
                    return types.FindKind(manifest.ApiVersion, manifest.Kind);
                }
                catch (CliException)
                {
                    // A definition earlier in the manifest may have brought the kind.
                    types = await ResourceTypes.LoadAsync(context.Client, cancellationToken);
                    return types.FindKind(manifest.ApiVersion, manifest.Kind);
                }
            }
        }

        if (failures.Count > 0)
        {
            throw new CliException(string.Join('\n', failures));
        }
    }
}
