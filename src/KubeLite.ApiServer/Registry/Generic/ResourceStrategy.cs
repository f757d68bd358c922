using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// What is specific of a kind: how its objects are prepared, validated, deleted and shown. The base is right for a kind
/// with nothing of its own. Objects are in the storage version and normalized. One instance serves all requests: it holds
/// no state of a request.
/// </summary>
public class ResourceStrategy
{
    /// <summary>The rule for names; a DNS subdomain unless a kind says otherwise.</summary>
    public NameRule NameRule { get; init; } = NameRules.Subdomain;

    /// <summary>True where <c>metadata.generation</c> counts the changes of what <see cref="GenerationContent"/> gives.</summary>
    public bool TracksGeneration { get; init; }

    /// <summary>True where a PUT of a name that doesn't exist creates it.</summary>
    public bool AllowsCreateOnUpdate { get; init; }

    /// <summary>True where a PUT without resourceVersion is taken.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>True where a delete answers with the deleted object instead of a Status.</summary>
    public bool ReturnsDeletedObject { get; init; }

    /// <summary>True where a create drops the status that was sent.</summary>
    public bool DropsStatusOnCreate { get; init; } = true;

    /// <summary>What every request is warned of where the resource is deprecated; null where it isn't.</summary>
    public string? Deprecation { get; init; }

    /// <summary>Fields of field selectors beyond metadata.name and metadata.namespace, as dotted paths.</summary>
    public virtual IReadOnlyList<string> SelectableFields => [];

    /// <summary>Those selectable fields by which caches are indexed.</summary>
    public virtual IReadOnlyList<string> IndexedFields => [];

    /// <summary>The selectable fields of all versions that share the stored objects.</summary>
    public virtual IReadOnlyList<string> CachedFields => SelectableFields;

    /// <summary>Where a custom resource keeps what its scale shows; null for the places of workloads.</summary>
    public virtual ScalePaths? Scale => null;

    /// <summary>The selectable field that a field selector of a version's group means; null where it is none.</summary>
    public virtual string? SelectableField(string group, string label) => SelectableFields.Contains(label) ? label : null;

    /// <summary>
    /// What a selectable field of an object is to selectors: most are as they are stored, and empty where they are absent.
    /// </summary>
    public virtual string FieldValue(CacheEntry entry, string field)
    {
        entry.TryGetField(field, out string value);
        return value;
    }

    /// <summary>How long an object is kept; null for ever.</summary>
    public virtual TimeSpan? TimeToLive => null;

    /// <summary>The dependents' fate where the caller of a delete says nothing: Background or Orphan.</summary>
    public virtual string DefaultPropagation => "Background";

    /// <summary>False where a delete never waits for dependents, whatever the caller asks for.</summary>
    public virtual bool IsGarbageCollected => true;

    /// <summary>What a change of raises the generation.</summary>
    public virtual object? GenerationContent(JsonMap obj) => obj["spec"];

    /// <summary>Sets what the server decides about a new object, before validation.</summary>
    public virtual void PrepareForCreate(WriteContext context, JsonMap obj) { }

    /// <summary>Adds every fault of a new object.</summary>
    public virtual void Validate(WriteContext context, JsonMap obj, FieldErrors errors) { }

    /// <summary>Sets what the server decides about a changed object, before validation.</summary>
    public virtual void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) { }

    /// <summary>Adds every fault of a change; by default those that a new object would have.</summary>
    public virtual void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Validate(context, obj, errors);

    /// <summary>
    /// As <see cref="PrepareForUpdate"/>, for the status subresource; all but status and metadata is the old object's already.
    /// </summary>
    public virtual void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) { }

    /// <summary>Adds every fault of a change of status.</summary>
    public virtual void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) { }

    /// <summary>
    /// Settles, before a create or update is prepared and validated, what depends on the cluster; what is wrong here is all
    /// that the caller is told (the <c>BeginCreate</c> and <c>BeginUpdate</c> of Kubernetes' generic registry). It takes nothing.
    /// </summary>
    /// <exception cref="ApiException">It is refused.</exception>
    public virtual ValueTask BeginAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>
    /// Takes what an object needs from the cluster (addresses, ports) after it was found valid; undone by <see cref="ReleaseAsync"/>.
    /// </summary>
    public virtual ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>Gives back what an object had: after its deletion, or where the write it was taken for failed.</summary>
    public virtual ValueTask ReleaseAsync(WriteContext context, JsonMap obj, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>
    /// An update is over for which <see cref="AllocateAsync"/> was called: gives back what the object no longer has, or where
    /// nothing was written what was taken for it.
    /// </summary>
    public virtual ValueTask SettleAsync(
        WriteContext context, JsonMap obj, JsonMap old, bool written, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// The grace period of a deletion in seconds; null where the kind has none and goes at once.
    /// </summary>
    /// <param name="context">The deletion.</param>
    /// <param name="obj">The object.</param>
    /// <param name="requested">What the caller asked for; null for nothing.</param>
    public virtual long? GracePeriod(WriteContext context, JsonMap obj, long? requested) => null;

    /// <summary>
    /// Marks an object that has no grace period as being deleted where the kind itself holds it, and says whether it does.
    /// </summary>
    public virtual bool HoldsDeletion(WriteContext context, JsonMap obj) => false;

    /// <summary>What to warn the caller of.</summary>
    public virtual IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) => [];

    /// <summary>What to warn the caller of who writes the status.</summary>
    public virtual IEnumerable<string> StatusWarnings(JsonMap obj) => [];

    /// <summary>What to warn the caller of a delete of.</summary>
    public virtual IEnumerable<string> DeleteWarnings(DeleteOptions options) => [];

    /// <summary>The object's metadata as it stands alone, in Tables and for PartialObjectMetadata; it must not be changed.</summary>
    public virtual JsonMap PartialMetadata(JsonMap obj) => obj.MapAt("metadata");

    /// <summary>The member of an object that is kept in the text in which it was sent (<see cref="JsonRaw"/>); null for none.</summary>
    public virtual string? RawMember => null;

    /// <summary>True where <see cref="PartialMetadata"/> is something else than the object's metadata.</summary>
    public virtual bool HasOwnPartialMetadata => false;

    /// <summary>
    /// The cells of the object's row in the kind's Table, in the order of its columns; null for name and creation time only.
    /// A text that changes as time goes by is an <see cref="Tables.AgeCell"/>.
    /// </summary>
    public virtual JsonList? Cells(JsonMap obj) => null;

    /// <summary>The fields that the object's endpoint or a subresource's resets, so that nobody gets to own them.</summary>
    public virtual IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["spec"],
        _ => [],
    };

    /// <summary>The object in another served version; the storage version is given where <paramref name="to"/> is it.</summary>
    /// <param name="obj">The object; it may be changed.</param>
    /// <param name="to">The version that is wanted.</param>
    public virtual JsonMap Convert(JsonMap obj, GroupVersionKind to)
    {
        obj["apiVersion"] = to.ApiVersion;
        return obj;
    }
}
