using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>Nodes: a kubelet creates them with their status.</summary>
public sealed class NodeStrategy : ResourceStrategy
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>Makes the strategy.</summary>
    public NodeStrategy() => DropsStatusOnCreate = false;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.unschedulable"];

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
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        Taints(spec.List("taints"), path.Child("taints"), errors);
        if (spec.List("podCIDRs") is { Count: > 0 } ranges)
        {
            int index = 0;
            foreach (string range in ranges.Strings())
            {
                if (!System.Net.IPNetwork.TryParse(range, out _))
                {
                    errors.Invalid(path.Child("podCIDRs").Index(index), range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
                }

                index++;
            }
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        if (oldSpec.String("providerID") is { Length: > 0 } && !JsonValue.DeepEquals(spec["providerID"], oldSpec["providerID"]))
        {
            errors.Forbidden(FieldPath.Of("spec", "providerID"), "node updates may not change providerID except from \"\" to valid");
        }

        if (oldSpec.List("podCIDRs") is { Count: > 0 } && !JsonValue.DeepEquals(spec["podCIDRs"], oldSpec["podCIDRs"]))
        {
            errors.Forbidden(FieldPath.Of("spec", "podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
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

    /// <summary>Adds the faults of taints.</summary>
    private static void Taints(JsonList? taints, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<(string, string)>();
        int index = 0;
        foreach (JsonMap taint in taints?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string key = taint.String("key") ?? "", value = taint.String("value") ?? "", effect = taint.String("effect") ?? "";
            foreach (string fault in NameRules.QualifiedName(key))
            {
                errors.Invalid(at.Child("key"), key, fault);
            }

            string wrong = string.Join(";", NameRules.LabelValue(value));
            if (wrong.Length > 0)
            {
                errors.Invalid(at.Child("value"), value, wrong);
            }

            if (effect.Length == 0)
            {
                errors.Required(at.Child("effect"));
            }
            else if (effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.NotSupported(at.Child("effect"), effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (!seen.Add((key, effect)))
            {
                JsonMap shown = taint.DeepCopy();
                shown.Remove("timeAdded");
                errors.Duplicate(at, shown);
            }
        }
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
