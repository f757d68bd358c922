using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Core.Events;

/// <summary>Events of both groups, stored as core/v1 (Kubernetes v1.36, <c>pkg/registry/core/event</c>).</summary>
public sealed class EventStrategy : ResourceStrategy
{
    private readonly TimeSpan _timeToLive;

    /// <summary>Makes the strategy.</summary>
    /// <param name="timeToLive">How long an event is kept after its last change.</param>
    public EventStrategy(TimeSpan timeToLive)
    {
        _timeToLive = timeToLive;
        NameRule = NameRules.Segment;
        AllowsCreateOnUpdate = true;
    }

    /// <inheritdoc />
    public override TimeSpan? TimeToLive => _timeToLive;

    /// <inheritdoc />
    public override bool IsGarbageCollected => false;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields =>
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    /// <inheritdoc />
    public override IReadOnlyList<string> CachedFields => [.. SelectableFields.Where(f => f != "source"), "source.component"];

    /// <inheritdoc />
    public override string? SelectableField(string group, string label)
    {
        const string Regarding = "regarding.", Involved = "involvedObject.";
        if (group.Length == 0)
        {
            return base.SelectableField(group, label);
        }

        string? field = label switch
        {
            "reportingController" => "reportingComponent",
            "reason" or "type" => label,
            _ when label.StartsWith(Regarding, StringComparison.Ordinal) => Involved + label[Regarding.Length..],
            _ => null,
        };
        return field is null ? null : base.SelectableField(group, field);
    }

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field) => field != "source"
        ? base.FieldValue(entry, field)
        : base.FieldValue(entry, "source.component") is { Length: > 0 } component
            ? component
            : base.FieldValue(entry, "reportingComponent");

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        EventValidation.Create(obj, context.Resource.Group.Length > 0, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        EventValidation.Update(context, obj, old, context.Resource.Group.Length > 0, errors);

    /// <inheritdoc />
    public override JsonMap Convert(JsonMap obj, GroupVersionKind to) =>
        to.ApiVersion == obj.String("apiVersion") ? obj : EventConversion.To(obj, to.ApiVersion);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap core = obj.String("apiVersion") == "v1" ? obj : EventConversion.To(obj.DeepCopy(), "v1");
        object first = TableText.Age(core.String("firstTimestamp") ?? core.String("eventTime"));
        object last = core.String("lastTimestamp") is { } time ? TableText.Age(time) : first;
        long count = core.Integer("count") ?? 0;
        if (core.Map("series") is { } series)
        {
            last = TableText.Age(series.String("lastObservedTime"));
            count = series.Integer("count") ?? 0;
        }
        else if (count == 0)
        {
            // An event of the newer API that happened once has no count.
            count = 1;
        }

        JsonMap? about = core.Map("involvedObject");
        string target = (about?.String("kind") ?? "").ToLowerInvariant();
        if (about?.String("name") is { Length: > 0 } name)
        {
            target += "/" + name;
        }

        return
        [
            last,
            core.String("type") ?? "",
            core.String("reason") ?? "",
            target,
            about?.String("fieldPath") ?? "",
            Source(core),
            (core.String("message") ?? "").Trim(),
            first,
            count,
            core.MapAt("metadata").String("name"),
        ];
    }

    private static string Source(JsonMap obj)
    {
        JsonMap? source = obj.Map("source");
        string component = source?.String("component") is { Length: > 0 } c ? c : obj.String("reportingComponent") ?? "";
        string instance = source?.String("host") is { Length: > 0 } h ? h : obj.String("reportingInstance") ?? "";
        return instance.Length == 0 ? component : $"{component}, {instance}";
    }
}
