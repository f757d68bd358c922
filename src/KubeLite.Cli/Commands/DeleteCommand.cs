using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary><c>kubelite delete</c>.</summary>
internal static class DeleteCommand
{
    /// <summary>Deletes named objects, or the objects of manifests in reverse order.</summary>
    /// <exception cref="CliException">Nothing was named, or an object could not be deleted.</exception>
    public static async Task RunAsync(
        CommandContext context,
        string resource,
        IReadOnlyList<string> names,
        IReadOnlyList<string> files,
        CancellationToken cancellationToken)
    {
        var paths = new List<(string Display, string Path)>();
        if (files.Count > 0)
        {
            foreach (var manifest in Enumerable.Reverse(Manifest.Read(files)))
            {
                var type = context.Types.FindKind(manifest.ApiVersion, manifest.Kind);
                paths.Add(($"{type.Display} \"{manifest.Name}\"", type.Path(manifest.Namespace ?? context.Namespace, manifest.Name)));
            }
        }
        else
        {
            foreach (var target in Target.Parse(context.Types, resource, names))
            {
                if (target.Name is null)
                {
                    throw new CliException("error: name the objects to delete, or give -f");
                }

                paths.Add(($"{target.Type.Display} \"{target.Name}\"", target.Path(context.Namespace, false, "")));
            }
        }

        foreach (var (display, path) in paths)
        {
            await context.Client.SendAsync(
                HttpMethod.Delete, path + "?propagationPolicy=Background", "application/json", null, null, cancellationToken);
            await context.Output.WriteLineAsync(display + " deleted");
        }
    }
}
