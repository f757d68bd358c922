using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>Nodes: a kubelet creates them with their status.</summary>
public sealed class NodeStrategy : ResourceStrategy
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>Makes the strategy.</summary>
    public NodeStrategy() => DropsStatusOnCreate = false;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.unschedulable"];

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field)
    {
        string value = base.FieldValue(entry, field);
        return value.Length == 0 && field == "spec.unschedulable" ? "false" : value;
    }

    /// <summary>The older single range and the first of the ranges are the same; the single one decides.</summary>
    public static void DefaultSpec(JsonMap spec)
    {
        JsonList? ranges = spec.List("podCIDRs");
        if (spec.String("podCIDR") is { Length: > 0 } range)
        {
            if (ranges is not { Count: > 0 } || !Equals(ranges[0], range))
            {
                spec["podCIDRs"] = new JsonList { range };
            }
        }
        else if (ranges is { Count: > 0 })
        {
            spec["podCIDR"] = ranges[0];
        }
    }

    /// <summary>What can be given to Pods is all there is, where nothing else is said.</summary>
    public static void DefaultStatus(JsonMap status)
    {
        if (status.Map("capacity") is { Count: > 0 } capacity && status.Map("allocatable") is not { Count: > 0 })
        {
            status["allocatable"] = capacity.DeepCopy();
        }
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        // Kubelets take no configuration from the cluster any more.
        obj.MapAt("spec").Remove("configSource");
        obj.Map("status")?.Remove("config");
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        if (old.Map("spec")?["configSource"] is null)
        {
            obj.MapAt("spec").Remove("configSource");
        }
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        if (old.Map("status")?["config"] is null)
        {
            obj.Map("status")?.Remove("config");
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        NodeValidation.Taints(obj.MapAt("spec").List("taints"), errors);
        NodeValidation.Resources(obj.Map("status"), errors);
        NodeValidation.Swap(obj.Map("status")?.Map("nodeInfo")?.Map("swap"), errors);
        NodeValidation.Features(obj.Map("status"), errors);
        NodeValidation.Ranges(obj.MapAt("spec").List("podCIDRs"), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        NodeValidation.Update(context, obj, old, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        NodeValidation.Update(context, obj, old, errors);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        JsonMap spec = obj.MapAt("spec");
        if (spec.Map("configSource") is not null)
        {
            yield return "spec.configSource: the feature is removed";
        }

        if ((spec.String("externalID") ?? "").Length > 0)
        {
            yield return "spec.externalID: this field is deprecated, and is unused by Kubernetes";
        }

        int index = 0;
        foreach (string range in spec.List("podCIDRs")?.Strings() ?? [])
        {
            foreach (string warning in AddressWarnings.Network(range, FieldPath.Of("spec", "podCIDRs").Index(index)))
            {
                yield return warning;
            }

            index++;
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), status = obj.MapAt("status");
        JsonMap? info = status.Map("nodeInfo");
        return
        [
            metadata.String("name"),
            Status(obj),
            Roles(metadata.Map("labels")),
            TableText.Age(metadata.String("creationTimestamp")),
            info?.String("kubeletVersion") ?? "",
            Address(status, "InternalIP"),
            Address(status, "ExternalIP"),
            Known(info?.String("osImage")),
            Known(info?.String("kernelVersion")),
            Known(info?.String("containerRuntimeVersion")),
        ];
    }

    private static string Status(JsonMap node)
    {
        JsonMap? ready = node.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Ready");
        string text = ready is null ? "Unknown" : ready.String("status") == "True" ? "Ready" : "NotReady";
        return node.Map("spec")?.Flag("unschedulable") == true ? text + ",SchedulingDisabled" : text;
    }

    private static string Roles(JsonMap? labels)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels ?? [])
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length)
            {
                roles.Add(key[RolePrefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value is string { Length: > 0 } role)
            {
                roles.Add(role);
            }
        }

        return roles.Count == 0 ? TableText.None : string.Join(",", roles);
    }

    private static string Address(JsonMap status, string type) =>
        status.List("addresses")?.Maps().FirstOrDefault(a => a.String("type") == type)?.String("address") ?? TableText.None;

    private static string Known(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;
}
