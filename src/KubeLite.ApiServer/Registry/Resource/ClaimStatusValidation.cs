using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates what a claim got and who uses it (Kubernetes v1.36, <c>pkg/apis/resource/validation</c>).</summary>
/// <param name="requests">The names of the claim's requests.</param>
/// <param name="deleted">True where the claim is going, and takes no new users.</param>
/// <param name="schema">Describes a ResourceClaimStatus.</param>
/// <param name="errors">Gets the faults.</param>
internal sealed class ClaimStatusValidation(HashSet<string> requests, bool deleted, Schema schema, FieldErrors errors)
{
    private const int MaxConsumers = 256;
    private const int MaxResults = 32;
    private const int MaxConfigs = 64;
    private const int MaxConditions = 8;
    private const int MaxDataLength = 10 * 1024;
    private const int MaxInterfaceName = 256;
    private const int MaxHardwareAddress = 128;
    private const int MaxAddresses = 16;

    private static readonly FieldPath s_path = FieldPath.Of("status");

    /// <summary>Says which device is meant, and which share of it.</summary>
    public static string Id(JsonMap device)
    {
        string id = $"{device.String("driver")}/{device.String("pool")}/{device.String("device")}";
        return device.String("shareID") is { } share ? $"{id}/{share}" : id;
    }

    /// <summary>Adds every fault of a new status.</summary>
    public void Validate(JsonMap status, JsonMap old)
    {
        JsonList consumers = status.List("reservedFor") ?? [];
        FieldPath reserved = s_path.Child("reservedFor");
        DeviceSets.Set(consumers, MaxConsumers, reserved, errors, Consumer, consumer => consumer.String("uid") ?? "");
        JsonMap? allocation = status.Map("allocation");
        HashSet<string> devices = [.. (allocation?.Map("devices")?.List("results")?.Maps() ?? []).Select(Id)];
        DeviceSets.Set(
            status.List("devices"), null, s_path.Child("devices"), errors, (device, at) => Device(device, devices, at), Id, ShownId);
        if (consumers.Count > 0 && allocation is null)
        {
            errors.Forbidden(reserved, "may not be specified when `allocated` is not set");
        }
        else if (deleted && consumers.Any(c => old.List("reservedFor")?.Any(o => JsonValue.DeepEquals(o, c)) != true))
        {
            errors.Forbidden(reserved, "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }

        FieldPath path = s_path.Child("allocation");
        if (allocation is not null && old.Map("allocation") is { } before)
        {
            FieldRules.Immutable(allocation, before, path, errors, () => InternalForm.Of(allocation, schema.Field("allocation")!.Schema));
        }
        else if (allocation is not null)
        {
            Allocation(allocation, path);
        }
    }

    private static JsonMap ShownId(JsonMap device) => new()
    {
        { "Driver", device.String("driver") ?? "" },
        { "Pool", device.String("pool") ?? "" },
        { "Device", device.String("device") ?? "" },
        { "ShareID", device.String("shareID") ?? "" },
    };

    private void ShareId(JsonMap device, FieldPath path)
    {
        if (device.String("shareID") is { } id && UuidText.Fault(id) is { } fault)
        {
            errors.Invalid(path.Child("shareID"), id, fault);
        }
    }

    private void Consumer(JsonMap consumer, FieldPath path)
    {
        foreach (string name in (string[])["resource", "name", "uid"])
        {
            if ((consumer.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(name));
            }
        }
    }

    private void Names(JsonMap device, FieldPath path)
    {
        FieldRules.DriverName(device.String("driver"), path.Child("driver"), errors);
        DeviceNames.Pool(device.String("pool") ?? "", path.Child("pool"), errors);
        FieldRules.Label(device.String("device"), path.Child("device"), errors);
    }

    private void Device(JsonMap device, HashSet<string> allocated, FieldPath path)
    {
        Names(device, path);
        ShareId(device, path);
        if (!allocated.Contains(Id(device)))
        {
            errors.Invalid(path, ShownId(device), "must be an allocated device in the claim");
        }

        JsonList conditions = device.List("conditions") ?? [];
        if (conditions.Count > MaxConditions)
        {
            errors.TooMany(path.Child("conditions"), conditions.Count, MaxConditions);
        }

        ConditionValidation.Validate(conditions, path.Child("conditions"), errors);
        if (device["data"] is { } data)
        {
            DeviceValidation.Raw(data, path.Child("data"), MaxDataLength, errors);
        }

        if (device.Map("networkData") is { } network)
        {
            Network(network, path.Child("networkData"));
        }
    }

    private void Network(JsonMap network, FieldPath path)
    {
        foreach ((string name, int max) in ((string, int)[])[("interfaceName", MaxInterfaceName), ("hardwareAddress", MaxHardwareAddress)])
        {
            if (network.String(name)?.Length > max)
            {
                errors.TooLong(path.Child(name), max);
            }
        }

        DeviceSets.Texts(
            network.List("ips"), MaxAddresses, path.Child("ips"), errors,
            (address, at) => FieldRules.Follows(IpText.InterfaceFaults(address), address, at, errors));
    }

    private void Allocation(JsonMap allocation, FieldPath path)
    {
        JsonMap? devices = allocation.Map("devices");
        FieldPath at = path.Child("devices");
        DeviceSets.Each(devices?.List("results"), MaxResults, at.Child("results"), errors, Result);
        DeviceSets.Each(devices?.List("config"), MaxConfigs, at.Child("config"), errors, (config, here) =>
        {
            FieldRules.RequiredOneOf(config.String("source"), here.Child("source"), errors, "FromClaim", "FromClass");
            DeviceValidation.Config(config, requests, here, errors);
        });
        if (allocation.Map("nodeSelector") is { } selector)
        {
            SelectorValidation.Nodes(selector, path.Child("nodeSelector"), errors);
        }
    }

    private void Result(JsonMap result, FieldPath path)
    {
        DeviceValidation.RequestReference(result.String("request") ?? "", requests, path.Child("request"), errors);
        Names(result, path);
        BindingConditions.Validate(result, path, errors);
        ShareId(result, path);
    }
}
