namespace KubeLite.ControllerRuntime.Client;

/// <summary>What a create, update or patch may carry besides the object.</summary>
public sealed record WriteOptions
{
    /// <summary>Nothing.</summary>
    public static WriteOptions None { get; } = new();

    /// <summary>The field manager. Null: the server takes the user agent's name; an apply needs one.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Apply takes over fields that others manage. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>All checks, nothing stored. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>A subresource such as <c>status</c>, <c>scale</c> or <c>finalize</c>. Null: the object itself.</summary>
    public string? Subresource { get; init; }
}
