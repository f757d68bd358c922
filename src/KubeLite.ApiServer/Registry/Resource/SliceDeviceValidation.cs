using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates the devices of a ResourceSlice (Kubernetes v1.36, <c>pkg/apis/resource/validation</c>).</summary>
/// <param name="errors">Gets the faults.</param>
internal sealed class SliceDeviceValidation(FieldErrors errors)
{
    private const int MaxDevices = 128;
    private const int MaxAdvancedDevices = 64;
    private const int MaxAttributesAndCapacities = 32;
    private const int MaxTaints = 16;
    private const int MaxConsumptions = 2;
    private const int MaxCounters = 32;
    private const string OneOfNodes =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

    /// <summary>Adds the faults of a slice's devices; what a device had before isn't looked at again.</summary>
    public void Devices(JsonMap spec, JsonMap? old, FieldPath path)
    {
        JsonList devices = spec.List("devices") ?? [];
        bool advanced = devices.Maps().Any(d => d.List("taints") is { Count: > 0 } || d.List("consumesCounters") is { Count: > 0 });
        List<JsonMap> before = [.. old?.List("devices")?.Maps() ?? []];
        DeviceSets.Set(
            devices, advanced ? MaxAdvancedDevices : MaxDevices, path, errors,
            (device, at) => Device(
                device, before.Find(d => d.String("name") == device.String("name")), spec.Flag("perDeviceNodeSelection"), at),
            device => device.String("name") ?? "");
    }

    private void Device(JsonMap device, JsonMap? before, bool perDevice, FieldPath path)
    {
        FieldRules.Label(device.String("name"), path.Child("name"), errors);
        JsonMap attributes = device.Map("attributes") ?? new(), capacity = device.Map("capacity") ?? new();
        if (attributes.Count + capacity.Count is > MaxAttributesAndCapacities and var total)
        {
            errors.Invalid(
                path, (long)total, $"the total number of attributes and capacities must not exceed {MaxAttributesAndCapacities}");
        }

        foreach (var (name, value) in attributes)
        {
            DeviceNames.Qualified(name, path.Child("attributes"), errors);
            DeviceAttributes.Validate(value as JsonMap ?? new(), path.Child("attributes").Key(name), errors);
        }

        if (before is null || !JsonValue.DeepEquals(before["capacity"], device["capacity"]))
        {
            Capacity(capacity, device.Flag("allowMultipleAllocations"), path.Child("capacity"));
        }

        if (before is null || !JsonValue.DeepEquals(before["taints"], device["taints"]))
        {
            DeviceSets.Each(device.List("taints"), MaxTaints, path.Child("taints"), errors, Taint);
        }

        DeviceSets.Set(
            device.List("consumesCounters"), MaxConsumptions, path.Child("consumesCounters"), errors,
            (set, at) => SliceCounters.Validate(set, "counterSet", MaxCounters, at, errors), set => set.String("counterSet") ?? "");
        Nodes(device, perDevice, path);
        BindingConditions.Validate(device, path, errors);
    }

    private void Capacity(JsonMap capacity, bool shared, FieldPath path)
    {
        foreach (var (name, value) in capacity)
        {
            DeviceNames.Qualified(name, path, errors);
            if ((value as JsonMap)?.Map("requestPolicy") is not { } policy)
            {
                continue;
            }

            FieldPath at = path.Key(name).Child("requestPolicy");
            if (shared)
            {
                RequestPolicyValidation.Validate(((JsonMap)value).String("value"), policy, at, errors);
            }
            else
            {
                errors.Forbidden(at, "allowMultipleAllocations must be true");
            }
        }
    }

    private void Taint(JsonMap taint, FieldPath path)
    {
        FieldRules.QualifiedName(taint.String("key"), path.Child("key"), errors);
        string value = taint.String("value") ?? "";
        FieldRules.Follows(NameRules.LabelValue(value), value, path.Child("value"), errors);
        FieldRules.RequiredOneOf(taint.String("effect"), path.Child("effect"), errors, "NoExecute", "NoSchedule", "None");
    }

    private void Nodes(JsonMap device, bool perDevice, FieldPath path)
    {
        string? node = device.String("nodeName");
        JsonMap? selector = device.Map("nodeSelector");
        if (!perDevice)
        {
            if (node is not null || selector is not null || device["allNodes"] is not null)
            {
                errors.Invalid(
                    path, null,
                    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
            }

            return;
        }

        var set = new List<string>();
        if (node is { Length: > 0 })
        {
            set.Add("`nodeName`");
            FieldRules.Subdomain(node, path.Child("nodeName"), errors);
        }
        else if (node is not null)
        {
            errors.Invalid(path.Child("nodeName"), node, "must not be empty");
        }

        if (selector is not null)
        {
            set.Add("`nodeSelector`");
            SelectorValidation.Nodes(selector, path.Child("nodeSelector"), errors);
        }

        if (device["allNodes"] is true)
        {
            set.Add("`allNodes`");
        }
        else if (device["allNodes"] is false)
        {
            errors.Invalid(path.Child("allNodes"), false, "must be either unset or set to true");
        }

        if (set.Count == 0)
        {
            errors.Required(path, OneOfNodes);
        }
        else if (set.Count > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", set)}}}", OneOfNodes);
        }
    }
}
