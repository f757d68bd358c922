using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>ResourceSlices (Kubernetes v1.36, <c>pkg/registry/resource/resourceslice</c>).</summary>
public sealed class ResourceSliceStrategy : ResourceStrategy
{
    private const int MaxDevices = 128;
    private const int MaxPoolName = 253;
    private const string OneOfNodes = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

    /// <summary>Makes the strategy.</summary>
    public ResourceSliceStrategy()
    {
        TracksGeneration = true;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.nodeName", "spec.driver"];

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        FieldRules.DriverName(spec.String("driver"), path.Child("driver"), errors);
        Pool(spec.Map("pool"), path.Child("pool"), errors);
        Nodes(spec, path, errors);
        Devices(spec.List("devices") ?? [], path.Child("devices"), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        JsonMap spec = obj.MapAt("spec"), before = old.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        FieldRules.Immutable(spec["driver"], before["driver"], path.Child("driver"), errors);
        FieldRules.Immutable(spec.Map("pool")?["name"], before.Map("pool")?["name"], path.Child("pool").Child("name"), errors);
        FieldRules.Immutable(spec["nodeName"], before["nodeName"], path.Child("nodeName"), errors);
    }

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

    private static void Pool(JsonMap? pool, FieldPath path, FieldErrors errors)
    {
        string name = pool?.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }
        else
        {
            if (name.Length > MaxPoolName)
            {
                errors.TooLong(path.Child("name"), MaxPoolName);
            }

            foreach (string part in name.Split('/'))
            {
                FieldRules.Subdomain(part, path.Child("name"), errors);
            }
        }

        long count = pool?.Integer("resourceSliceCount") ?? 0;
        if (count <= 0)
        {
            errors.Invalid(path.Child("resourceSliceCount"), count, FieldRules.NotPositive);
        }

        FieldRules.NonNegative(pool, "generation", path, errors);
    }

    private static void Nodes(JsonMap spec, FieldPath path, FieldErrors errors)
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

    private static void Devices(JsonList devices, FieldPath path, FieldErrors errors)
    {
        if (devices.Count > MaxDevices)
        {
            errors.TooMany(path, devices.Count, MaxDevices);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap device in devices.Maps())
        {
            FieldPath at = path.Index(i++);
            string name = device.String("name") ?? "";
            FieldRules.Label(name, at.Child("name"), errors);
            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
        }
    }
}
