namespace KubeLite.Cli.Client;

/// <summary>A resource as discovery describes it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The preferred version.</param>
/// <param name="Plural">The name in paths.</param>
/// <param name="Singular">The name of one.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
/// <param name="ShortNames">Other names, as <c>po</c>.</param>
/// <param name="Categories">Groups of resources it belongs to, as <c>all</c>.</param>
internal sealed record ResourceType(
    string Group,
    string Version,
    string Plural,
    string Singular,
    string Kind,
    bool Namespaced,
    IReadOnlyList<string> ShortNames,
    IReadOnlyList<string> Categories)
{
    /// <summary>The name as kubectl prints it, <c>deployment.apps</c>.</summary>
    public string Display => Group.Length == 0 ? Singular : Singular + "." + Group;

    /// <summary>The path of the collection, or of one object.</summary>
    public string Path(string? ns, string? name)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        var scope = Namespaced && ns is not null ? "/namespaces/" + Uri.EscapeDataString(ns) : "";
        return root + scope + "/" + Plural + (name is null ? "" : "/" + Uri.EscapeDataString(name));
    }

    /// <summary>Whether the user means this resource by a name.</summary>
    public bool IsCalled(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var first = (dot < 0 ? name : name[..dot]).ToLowerInvariant();
        if (dot >= 0 && !Group.Equals(name[(dot + 1)..], StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return first == Plural || first == Singular || first == Kind.ToLowerInvariant() || ShortNames.Contains(first);
    }
}
