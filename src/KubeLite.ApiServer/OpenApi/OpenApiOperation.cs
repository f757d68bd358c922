using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>A method of a path, as both versions of OpenAPI tell it in their own ways.</summary>
internal sealed record OpenApiOperation
{
    /// <summary>The HTTP method, in small letters.</summary>
    public required string Method { get; init; }

    /// <summary>The name that generated clients give it; no other operation has it.</summary>
    public required string Id { get; init; }

    /// <summary>What it does; null where nothing is said.</summary>
    public string? Description { get; init; }

    /// <summary>Its group of operations: <c>apps_v1</c>.</summary>
    public required string Tag { get; init; }

    /// <summary>Its parameters in path and query.</summary>
    public IReadOnlyList<OpenApiParameter> Parameters { get; init; } = [];

    /// <summary>The schema of its body; null where it has none.</summary>
    public JsonMap? Body { get; init; }

    /// <summary>Whether the body must be there.</summary>
    public bool BodyRequired { get; init; }

    /// <summary>The media types of a body.</summary>
    public IReadOnlyList<string> Consumes { get; init; } = [];

    /// <summary>The media types of an answer.</summary>
    public IReadOnlyList<string> Produces { get; init; } = [];

    /// <summary>The codes of answers that succeed.</summary>
    public IReadOnlyList<string> Codes { get; init; } = ["200"];

    /// <summary>The schema of an answer; null where none is told.</summary>
    public JsonMap? Answer { get; init; }

    /// <summary>What Kubernetes calls it: <c>deletecollection</c>; null outside resources.</summary>
    public string? Action { get; init; }

    /// <summary>The kind that is sent or answered; null outside resources.</summary>
    public GroupVersionKind? Kind { get; init; }
}
