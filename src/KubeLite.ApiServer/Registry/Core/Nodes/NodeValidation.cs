using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Scheduling;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Nodes;

/// <summary>Validates Nodes (Kubernetes v1.36, <c>ValidateNode</c>, <c>ValidateNodeUpdate</c>).</summary>
internal static partial class NodeValidation
{
    private const int MaxFeatureName = 253;

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

    /// <summary>Adds the faults of the swap space, which Kubernetes names below the metadata.</summary>
    public static void Swap(JsonMap? swap, FieldErrors errors)
    {
        if (swap?.Integer("capacity") is <= 0 and var capacity)
        {
            errors.Invalid(FieldPath.Of("metadata", "nodeSwapStatus", "capacity"), capacity, FieldRules.NotPositive);
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

        if (all.FirstOrDefault(r => IpText.NetworkFaults(r, canonical: false).Any()) is { } bad)
        {
            errors.Add(
                FieldError.Internal(path, $"invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR address: {bad}"));
        }

        if (all.Count > 2 || all[0].Contains(':') == all[1].Contains(':'))
        {
            errors.Invalid(path, ranges, "may specify no more than one CIDR for each IP family");
        }
    }

    /// <summary>Adds the faults of the features that a kubelet declares: camel case in segments, in order, each once.</summary>
    public static void Features(JsonMap? status, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status", "declaredFeatures");
        List<string> features = [.. status?.List("declaredFeatures")?.Strings() ?? []];
        for (int i = 0; i < features.Count; i++)
        {
            string name = features[i];
            if (name.Length > MaxFeatureName)
            {
                errors.Invalid(
                    path.Index(i), name,
                    $"invalid feature name {FieldError.GoQuote(name)}: must be no more than {MaxFeatureName} characters");
            }
            else if (!FeatureName().IsMatch(name))
            {
                errors.Invalid(
                    path.Index(i), name,
                    $"invalid feature name {FieldError.GoQuote(name)}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes");
            }

            if (i + 1 == features.Count)
            {
                break;
            }

            string next = features[i + 1];
            if (name == next)
            {
                errors.Duplicate(path.Index(i + 1), next);
            }
            else if (string.CompareOrdinal(name, next) > 0)
            {
                errors.Invalid(path.Index(i + 1), next, "list must be sorted alphabetically");
            }
        }
    }

    [GeneratedRegex(@"^[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*\z")]
    private static partial Regex FeatureName();

    /// <summary>Adds the faults of a change, of the object or its status.</summary>
    public static void Update(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        Resources(obj.Map("status"), errors);
        Features(obj.Map("status"), errors);
        Addresses(obj.Map("status")?.List("addresses"), errors);
        Assigned(spec.List("podCIDRs"), oldSpec.List("podCIDRs"), errors);
        if (oldSpec.String("providerID") is { Length: > 0 } provider && provider != spec.String("providerID"))
        {
            errors.Forbidden(FieldPath.Of("spec", "providerID"), "node updates may not change providerID except from \"\" to valid");
        }

        if (spec.Map("configSource") is { } source)
        {
            NodeConfigValidation.Source(
                source, FieldPath.Of("spec", "configSource"), inStatus: false,
                context.Resource.StorageSchema.Field("spec")!.Schema.Field("configSource")!.Schema, errors);
        }

        foreach (string name in (string[])["assigned", "active", "lastKnownGood"])
        {
            if (obj.Map("status")?.Map("config")?.Map(name) is { } used)
            {
                Schema schema = context.Resource.StorageSchema.Field("status")!.Schema.Field("config")!.Schema.Field(name)!.Schema;
                NodeConfigValidation.Source(used, FieldPath.Of("status", "config", name), inStatus: true, schema, errors);
            }
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
                errors.Duplicate(
                    FieldPath.Of("status", "addresses").Index(index),
                    new JsonMap { { "Type", address["type"] }, { "Address", address["address"] } });
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
