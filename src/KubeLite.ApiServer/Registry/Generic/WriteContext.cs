using KubeLite.ApiServer.Authentication;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>What a write is: of what, by whom, when.</summary>
public sealed record WriteContext
{
    /// <summary>The resource.</summary>
    public required ResourceDefinition Resource { get; init; }

    /// <summary>The other resources of the cluster.</summary>
    public required ResourceRegistry Registry { get; init; }

    /// <summary>CREATE, UPDATE or DELETE, as admission names them.</summary>
    public required string Operation { get; init; }

    /// <summary>The namespace; empty for cluster-scoped objects.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name; empty where it is not known yet.</summary>
    public string Name { get; init; } = "";

    /// <summary>The subresource; empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The verb of the request, as it was authorized; empty where the server writes of its own.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Who writes.</summary>
    public required UserInfo User { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>True where nothing is stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>Takes warnings for the caller.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}
