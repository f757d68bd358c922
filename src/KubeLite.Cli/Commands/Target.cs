using KubeLite.Cli.Client;

namespace KubeLite.Cli.Commands;

/// <summary>What a command works on: a resource, or one object of it.</summary>
/// <param name="Type">The resource.</param>
/// <param name="Name">The object; null for all.</param>
internal sealed record Target(ResourceType Type, string? Name)
{
    /// <summary>Reads <c>TYPE[,TYPE] [NAME…]</c> and <c>TYPE/NAME</c>.</summary>
    /// <exception cref="CliException">There is no such resource.</exception>
    public static List<Target> Parse(ResourceTypes types, string resources, IReadOnlyList<string> names)
    {
        var result = new List<Target>();
        foreach (var resource in (string[])[resources, .. names.Where(name => name.Contains('/', StringComparison.Ordinal))])
        {
            var slash = resource.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0)
            {
                result.Add(new Target(types.Find(resource[..slash]), resource[(slash + 1)..]));
            }
        }

        if (result.Count > 0)
        {
            return result;
        }

        foreach (var resource in resources.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var type in resource == "all" ? types.OfCategory("all") : [types.Find(resource)])
            {
                if (names.Count == 0)
                {
                    result.Add(new Target(type, null));
                }

                foreach (var name in names)
                {
                    result.Add(new Target(type, name));
                }
            }
        }

        return result;
    }

    /// <summary>The path to read.</summary>
    public string Path(string ns, bool allNamespaces, string selector)
    {
        var path = Type.Path(allNamespaces && Name is null ? null : ns, Name);
        return selector.Length > 0 && Name is null ? path + "?labelSelector=" + Uri.EscapeDataString(selector) : path;
    }
}
