using System.Text;

namespace KubeLite.ApiMachinery.Facts;

/// <summary>A field of an object.</summary>
/// <param name="Name">Its JSON name.</param>
/// <param name="Schema">The description of its value.</param>
public sealed record SchemaField(string Name, Schema Schema)
{
    private string? _path;
    private byte[]? _utf8Name;

    /// <summary>The field as a step of a path in FieldsV1: its name with <c>f:</c> before it.</summary>
    public string PathText => _path ??= "f:" + Name;

    /// <summary>The JSON name in UTF-8.</summary>
    internal ReadOnlySpan<byte> Utf8Name => _utf8Name ??= Encoding.UTF8.GetBytes(Name);

    /// <summary>The protobuf field numbers: those of the embedded messages on the way, then its own; empty where it has none.</summary>
    public IReadOnlyList<int> WirePath { get; init; } = [];

    /// <summary>What is written where it has no value.</summary>
    public EmptyRule Empty { get; init; } = EmptyRule.Optional;

    /// <summary>True where strategic merge patch merges a list instead of replacing it.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>True where strategic merge patch drops members that <c>$retainKeys</c> doesn't name.</summary>
    public bool PatchRetainsKeys { get; init; }

    /// <summary>True where strategic merge patch replaces an object instead of merging it.</summary>
    public bool PatchReplaces { get; init; }

    /// <summary>The member by which strategic merge patch tells items apart; null for lists of scalars.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>The list type that the facts name, as OpenAPI publishes it; null where they name none, which is as atomic.</summary>
    public string? StatedListType { get; init; }

    /// <summary>The map type that the facts name, as OpenAPI publishes it; null where they name none.</summary>
    public string? StatedMapType { get; init; }

    /// <summary>The default of the published schema, as JSON text; null where there is none.</summary>
    public string? SchemaDefault { get; init; }
}
