using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>ResourceSlices (Kubernetes v1.36, <c>pkg/registry/resource/resourceslice</c>).</summary>
public sealed class ResourceSliceStrategy : ResourceStrategy
{
    private const int MaxCounterSets = 8;
    private const int MaxCountersPerSet = 32;
    private const string OneOfNodes = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

    private static readonly string[] s_lists = ["bools", "ints", "strings", "versions"];

    /// <summary>Makes the strategy.</summary>
    public ResourceSliceStrategy()
    {
        TracksGeneration = true;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.nodeName", "spec.driver"];

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => Drop(obj, null);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) => Drop(obj, old);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        if (obj.MapAt("spec").String("driver") is { } driver && driver.ToLowerInvariant() != driver)
        {
            yield return $"spec.driver: driver names should be lowercase; {FieldError.GoQuote(driver)} contains uppercase characters";
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Spec(context, obj.MapAt("spec"), null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Spec(context, obj.MapAt("spec"), old.MapAt("spec"), errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            spec.String("nodeName") ?? "<unset>",
            spec.String("driver"),
            spec.Map("pool")?.String("name") ?? "",
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>Takes out what stands behind feature gates that are off, unless the slice had it already.</summary>
    private static void Drop(JsonMap obj, JsonMap? old)
    {
        const string Mappings = "nodeAllocatableResourceMappings";
        List<JsonMap> devices = [.. Devices(obj)], before = old is null ? [] : [.. Devices(old)];
        if (!before.Any(d => d.Map(Mappings) is { Count: > 0 }))
        {
            devices.ForEach(d => d.Remove(Mappings));
        }

        if (!before.SelectMany(Attributes).Any(a => s_lists.Any(l => a[l] is not null)))
        {
            foreach (JsonMap attribute in devices.SelectMany(Attributes))
            {
                Array.ForEach(s_lists, l => attribute.Remove(l));
            }
        }

        static IEnumerable<JsonMap> Devices(JsonMap slice) => slice.MapAt("spec").List("devices")?.Maps() ?? [];
        static IEnumerable<JsonMap> Attributes(JsonMap device) => (device.Map("attributes") ?? []).Select(a => a.Value).OfType<JsonMap>();
    }

    private static void Spec(WriteContext context, JsonMap spec, JsonMap? old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        FieldRules.DriverName(spec.String("driver"), path.Child("driver"), errors);
        Pool(spec.Map("pool"), path.Child("pool"), errors);
        if (old is not null)
        {
            FieldRules.Immutable(spec.Map("pool")?["name"], old.Map("pool")?["name"], path.Child("pool").Child("name"), errors);
            FieldRules.Immutable(spec["driver"], old["driver"], path.Child("driver"), errors);
            FieldRules.Immutable(spec["nodeName"], old["nodeName"], path.Child("nodeName"), errors);
        }

        Nodes(context, spec, path, errors);
        if (spec["sharedCounters"] is not null && spec["devices"] is not null)
        {
            errors.Invalid(path, "", "only one of `sharedCounters` or `devices` is allowed");
        }

        new SliceDeviceValidation(errors).Devices(spec, old, path.Child("devices"));
        DeviceSets.Set(
            spec.List("sharedCounters"), MaxCounterSets, path.Child("sharedCounters"), errors,
            (set, at) => SliceCounters.Validate(set, "name", MaxCountersPerSet, at, errors), set => set.String("name") ?? "");
    }

    private static void Pool(JsonMap? pool, FieldPath path, FieldErrors errors)
    {
        DeviceNames.Pool(pool?.String("name") ?? "", path.Child("name"), errors);
        long count = pool?.Integer("resourceSliceCount") ?? 0;
        if (count <= 0)
        {
            errors.Invalid(path.Child("resourceSliceCount"), count, FieldRules.NotPositive);
        }

        FieldRules.NonNegative(pool, "generation", path, errors);
    }

    private static void Nodes(WriteContext context, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        var set = new List<string>();
        if (spec.String("nodeName") is { } node)
        {
            if (node.Length == 0)
            {
                errors.Invalid(path.Child("nodeName"), node, "must be either unset or set to a non-empty string");
            }
            else
            {
                set.Add("`nodeName`");
                FieldRules.Subdomain(node, path.Child("nodeName"), errors);
            }
        }

        if (spec.Map("nodeSelector") is { } selector)
        {
            set.Add("`nodeSelector`");
            SelectorValidation.Nodes(selector, path.Child("nodeSelector"), errors);
            JsonList terms = selector.List("nodeSelectorTerms") ?? [];
            if (terms.Count != 1)
            {
                Schema schema =
                    context.Resource.StorageSchema.Field("spec")!.Schema.Field("nodeSelector")!.Schema.Field("nodeSelectorTerms")!.Schema;
                errors.Invalid(
                    path.Child("nodeSelector").Child("nodeSelectorTerms"),
                    InternalForm.Of(terms, schema), "must have exactly one node selector term");
            }
        }

        foreach (string name in (string[])["allNodes", "perDeviceNodeSelection"])
        {
            if (spec[name] is true)
            {
                set.Add($"`{name}`");
            }
            else if (spec[name] is false)
            {
                errors.Invalid(path.Child(name), false, "must be either unset or set to true");
            }
        }

        if (set.Count == 0)
        {
            errors.Required(path, OneOfNodes);
        }
        else if (set.Count > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", set)}}}", OneOfNodes + ", but multiple fields are set");
        }
    }
}
