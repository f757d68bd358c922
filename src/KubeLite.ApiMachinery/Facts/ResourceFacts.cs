namespace KubeLite.ApiMachinery.Facts;

/// <summary>A resource of a group and version, or a subresource of one.</summary>
public sealed record ResourceFacts
{
    /// <summary>The group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The plural name: <c>pods</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The subresource: <c>status</c>; empty for the resource itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The kind that is served.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>The group and version that discovery names for the kind; empty where they are the resource's own.</summary>
    public (string Group, string Version) ResponseGroupVersion { get; init; }

    /// <summary>True where objects live in namespaces.</summary>
    public required bool Namespaced { get; init; }

    /// <summary>The singular name.</summary>
    public string Singular { get; init; } = "";

    /// <summary>The verbs that discovery names.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Short names.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Categories, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The columns of its Table; those of Name and Created At where the facts name none.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The name with its group, as messages give it: <c>deployments.apps</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Name : $"{Name}.{Group}";

    /// <summary>True where discovery names the verb.</summary>
    public bool Supports(string verb) => Verbs.Contains(verb);
}
