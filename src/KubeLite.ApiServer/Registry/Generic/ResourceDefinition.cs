using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>A served resource in one version: its facts, its schema, its strategy and where it is stored.</summary>
public sealed class ResourceDefinition
{
    private readonly Dictionary<string, FieldSet?> _resetFields = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private byte[]? _storedStart;
    private JsonMap? _empty;

    /// <summary>Names, verbs, columns.</summary>
    public required ResourceFacts Facts { get; init; }

    /// <summary>The description of its objects in this version.</summary>
    public required Schema Schema { get; init; }

    /// <summary>What is specific of the kind.</summary>
    public required ResourceStrategy Strategy { get; init; }

    /// <summary>The kind and version in which objects are stored.</summary>
    public required GroupVersionKind StorageKind { get; init; }

    /// <summary>The description of stored objects.</summary>
    public required Schema StorageSchema { get; init; }

    /// <summary>Where its keys are: <c>/registry/pods/</c>.</summary>
    public required string KeyPrefix { get; init; }

    /// <summary>Its subresources by name.</summary>
    public required IReadOnlyDictionary<string, ResourceFacts> Subresources { get; init; }

    /// <summary>The other served versions of the same objects, this one among them.</summary>
    public IReadOnlyList<ResourceDefinition> Versions { get; set; } = [];

    /// <summary>The group; empty for the core group.</summary>
    public string Group => Facts.Group;

    /// <summary>The plural name.</summary>
    public string Name => Facts.Name;

    /// <summary>The kind in this version.</summary>
    public GroupVersionKind Kind => Facts.Kind;

    /// <summary>True where objects live in namespaces.</summary>
    public bool Namespaced => Facts.Namespaced;

    /// <summary>True for a custom resource.</summary>
    public bool Custom { get; init; }

    /// <summary>
    /// What a custom resource's definition says of its objects (openAPIV3Schema); it must not be changed. Null for nothing, and
    /// for built-in kinds.
    /// </summary>
    public JsonMap? OpenApiSchema { get; init; }

    /// <summary>The kind of lists; that of the object and "List" unless a custom resource says otherwise.</summary>
    public string ListKind { get => field ?? Kind.Kind + "List"; init; }

    /// <summary>What callers of a deprecated version are warned of; null for nothing.</summary>
    public string? DeprecationWarning { get; init; }

    /// <summary>
    /// True where objects may have been stored under another schema or version than today's: they are defaulted and pruned as
    /// they are read.
    /// </summary>
    public bool RefreshesStored { get; init; }

    /// <summary>The key under which cached entries keep their row in this version's Table.</summary>
    public object TableSlot { get; } = new();

    /// <summary>What an event keeps its frame in protobuf under.</summary>
    public object ProtobufFrameSlot { get; } = new();

    /// <summary>What an event keeps its frame as a PartialObjectMetadata under.</summary>
    public object MetadataFrameSlot { get; } = new();

    /// <summary>What an event keeps its frame as a PartialObjectMetadata in protobuf under.</summary>
    public object ProtobufMetadataFrameSlot { get; } = new();

    /// <summary>How every value begins that this server stores.</summary>
    public ReadOnlySpan<byte> StoredStart => _storedStart ??=
        Encoding.UTF8.GetBytes($"{{\"kind\":\"{StorageKind.Kind}\",\"apiVersion\":\"{StorageKind.ApiVersion}\"");

    /// <summary>An object with nothing but kind and version, which new ones are compared with; it must not be changed.</summary>
    public JsonMap Empty => _empty ??= ObjectCodec.Empty(this);

    /// <summary>True where objects are stored in this version.</summary>
    public bool IsStorageVersion => Kind == StorageKind;

    /// <summary>True where objects are served in this version as they are stored, but for the resourceVersion.</summary>
    public bool ServesAsStored => IsStorageVersion && !RefreshesStored;

    /// <summary>True where status is written by a subresource of its own.</summary>
    public bool HasStatus => Subresources.ContainsKey("status");

    /// <summary>An object's key.</summary>
    public string Key(string ns, string name) => Namespaced ? $"{KeyPrefix}{ns}/{name}" : KeyPrefix + name;

    /// <summary>The fields that an endpoint resets; null for none.</summary>
    public FieldSet? ResetFields(string subresource)
    {
        lock (_lock)
        {
            if (!_resetFields.TryGetValue(subresource, out FieldSet? set))
            {
                IReadOnlyList<string> paths = subresource.Length == 0 && !HasStatus ? [] : Strategy.ResetFields(subresource);
                if (paths.Count > 0)
                {
                    set = new FieldSet();
                    foreach (string path in paths)
                    {
                        set.With(path.Split('.'));
                    }
                }

                _resetFields[subresource] = set;
            }

            return set;
        }
    }
}
