using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>Validates Nodes (Kubernetes v1.36, <c>ValidateNode</c>, <c>ValidateNodeUpdate</c>).</summary>
internal static class NodeValidation
{
    /// <summary>Adds the faults of taints, which Kubernetes names below the metadata.</summary>
    public static void Taints(JsonList? taints, FieldErrors errors)
    {
        var seen = new HashSet<(string, string)>();
        int index = 0;
        foreach (JsonMap taint in taints?.Maps() ?? [])
        {
            FieldPath at = FieldPath.Of("metadata", "taints").Index(index++);
            string key = taint.String("key") ?? "", value = taint.String("value") ?? "", effect = taint.String("effect") ?? "";
            FieldRules.QualifiedName(key, at.Child("key"), errors);
            string fault = string.Join(";", NameRules.LabelValue(value));
            if (fault.Length > 0)
            {
                errors.Invalid(at.Child("value"), value, fault);
            }

            TolerationValidation.Effect(effect, at.Child("effect"), errors);
            if (!seen.Add((effect, key)))
            {
                var shown = new JsonMap { { "Key", key }, { "Value", value }, { "Effect", effect }, { "TimeAdded", taint["timeAdded"] } };
                errors.Duplicate(at, shown, "taints must be unique by key and effect pair");
            }
        }
    }

    /// <summary>Adds the faults of amounts.</summary>
    public static void Resources(JsonMap? status, FieldErrors errors)
    {
        foreach (string member in (string[])["capacity", "allocatable"])
        {
            foreach (var (name, amount) in status?.Map(member) ?? [])
            {
                ResourceNames.Amount(name, amount, FieldPath.Of("status", member).Child(name), errors);
            }
        }
    }

    /// <summary>Adds the faults of the ranges that the node's Pods get their addresses from.</summary>
    public static void Ranges(JsonList? ranges, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec", "podCIDRs");
        List<string> all = [.. ranges?.Strings() ?? []];
        for (int i = 0; i < all.Count; i++)
        {
            FieldRules.Network(all[i], path.Index(i), errors);
        }

        if (all.Count < 2)
        {
            return;
        }

        if (all.Count > 2 || all[0].Contains(':') == all[1].Contains(':'))
        {
            errors.Invalid(path, ranges, "may specify no more than one CIDR for each IP family");
        }

        for (int i = 1; i < all.Count; i++)
        {
            if (all.IndexOf(all[i]) < i)
            {
                errors.Duplicate(path.Index(i), all[i]);
            }
        }
    }

    /// <summary>Adds the faults of a change, of the object or its status.</summary>
    public static void Update(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        Resources(obj.Map("status"), errors);
        Addresses(obj.Map("status")?.List("addresses"), errors);
        Assigned(spec.List("podCIDRs"), oldSpec.List("podCIDRs"), errors);
        if (oldSpec.String("providerID") is { Length: > 0 } provider && provider != spec.String("providerID"))
        {
            errors.Forbidden(FieldPath.Of("spec", "providerID"), "node updates may not change providerID except from \"\" to valid");
        }

        if (spec.Map("configSource") is { } source)
        {
            NodeConfigValidation.Source(source, FieldPath.Of("spec", "configSource"), inStatus: false, context.Resource.StorageSchema.Field("spec")!.Schema.Field("configSource")!.Schema, errors);
        }

        Taints(spec.List("taints"), errors);
        if ((spec.String("externalID") ?? "") != (oldSpec.String("externalID") ?? ""))
        {
            errors.Forbidden(FieldPath.Of("spec", "externalID"), "may not be updated");
        }
    }

    private static void Addresses(JsonList? addresses, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        int index = 0;
        foreach (JsonMap address in addresses?.Maps() ?? [])
        {
            if (!seen.Add((address.String("type"), address.String("address"))))
            {
                errors.Duplicate(FieldPath.Of("status", "addresses").Index(index), new JsonMap { { "Type", address["type"] }, { "Address", address["address"] } });
            }

            index++;
        }
    }

    /// <summary>Ranges are given once.</summary>
    private static void Assigned(JsonList? ranges, JsonList? old, FieldErrors errors)
    {
        const string Detail = "node updates may not change podCIDR except from \"\" to valid";
        FieldPath path = FieldPath.Of("spec", "podCIDRs");
        if (old is not { Count: > 0 })
        {
            return;
        }

        if (ranges?.Count != old.Count)
        {
            errors.Forbidden(path, Detail);
            return;
        }

        for (int i = 0; i < old.Count; i++)
        {
            if (!Equals(ranges[i], old[i]))
            {
                errors.Forbidden(path, Detail);
            }
        }
    }
}
