using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>Services: their addresses and ports are taken when they are created and given back when they go.</summary>
public sealed class ServiceStrategy : ResourceStrategy
{
    private readonly ServiceAllocator _allocator;

    /// <summary>Makes the strategy.</summary>
    public ServiceStrategy(ServiceAllocator allocator)
    {
        _allocator = allocator;
        NameRule = NameRules.Label;
        ReturnsDeletedObject = true;
        AllowsCreateOnUpdate = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.clusterIP", "spec.type"];

    /// <summary>Sets the defaults; runs with the defaults of all types.</summary>
    public static void Default(JsonMap service)
    {
        JsonMap spec = service.MapAt("spec");
        Text(spec, "sessionAffinity", "None");
        if (spec.String("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec.String("sessionAffinity") == "ClientIP")
        {
            spec.MapAt("sessionAffinityConfig").MapAt("clientIP").SetDefault("timeoutSeconds", 10800L);
        }

        Text(spec, "type", "ClusterIP");
        foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
        {
            Text(port, "protocol", "TCP");
            if (port["targetPort"] is null or 0L or "")
            {
                port["targetPort"] = port["port"] ?? 0L;
            }
        }

        string? type = spec.String("type");
        if (type is "NodePort" or "LoadBalancer")
        {
            Text(spec, "externalTrafficPolicy", "Cluster");
        }

        if (type is "ClusterIP" && spec.List("externalIPs") is { Count: > 0 })
        {
            Text(spec, "externalTrafficPolicy", "Cluster");
        }

        if (type is "ClusterIP" or "NodePort" or "LoadBalancer")
        {
            spec.SetDefault("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.SetDefault("allocateLoadBalancerNodePorts", true);
            foreach (JsonMap ingress in service.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? [])
            {
                if ((ingress.String("ip") ?? "").Length > 0)
                {
                    ingress.SetDefault("ipMode", "VIP");
                }
            }
        }
    }

    /// <inheritdoc />
    public override async ValueTask BeginAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        if (context.Subresource.Length > 0)
        {
            return;
        }

        JsonMap spec = obj.MapAt("spec");
        JsonMap? oldSpec = old?.MapAt("spec");
        if (oldSpec is not null)
        {
            ServiceChange.KeepAllocated(spec, oldSpec);
        }

        ServiceChange.SynchronizeAddresses(spec, oldSpec);
        var errors = new FieldErrors();
        ServiceFamilies.Initialize(spec, oldSpec, errors);
        if (errors.Count > 0)
        {
            throw ApiException.Invalid("", "Service", context.Name, errors);
        }

        if (NeedsAddress(spec) && (oldSpec is null || !NeedsAddress(oldSpec))
            && spec.String("clusterIP") is { Length: > 0 } ip && ip != "None")
        {
            Refuse(
                context, spec, await _allocator.ProbeAddressAsync(ip, context.Namespace, context.Name, context.DryRun, cancellationToken));
        }

        var probe = new PortOperation(_allocator, context.DryRun ? PortOperation.Mode.DryRun : PortOperation.Mode.Probe, cancellationToken);
        await ServicePorts.AssignAsync(probe, spec.DeepCopy(), oldSpec, context.Name);
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => new ServiceValidation(errors).Validate(obj);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        JsonMap spec = obj.MapAt("spec");
        ServiceChange.DropOfOtherTypes(spec, old.MapAt("spec"));
        if (spec.String("type") != "LoadBalancer")
        {
            obj.Map("status")?.Remove("loadBalancer");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        new ServiceAddressValidation(errors).Update(spec, oldSpec);
        var validation = new ServiceValidation(errors);
        validation.LoadBalancerClass(spec, oldSpec);
        if (ServicePorts.IsHealthNeeded(spec) && ServicePorts.IsHealthNeeded(oldSpec)
            && spec.Integer("healthCheckNodePort") != oldSpec.Integer("healthCheckNodePort"))
        {
            errors.Forbidden(FieldPath.Of("spec", "healthCheckNodePort"), "field is immutable");
        }

        validation.Validate(obj, old);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        LoadBalancerStatusValidation.Validate(
            obj.Map("status")?.Map("loadBalancer"), old.Map("status")?.Map("loadBalancer"),
            old.MapAt("spec").String("type") == "LoadBalancer", FieldPath.Of("status", "loadBalancer"), errors);

    /// <inheritdoc />
    public override async ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        if (context.Subresource.Length > 0)
        {
            return;
        }

        JsonMap spec = obj.MapAt("spec");
        JsonMap? oldSpec = old?.MapAt("spec");
        var ports = new PortOperation(_allocator, context.DryRun ? PortOperation.Mode.DryRun : PortOperation.Mode.Take, cancellationToken);
        string? address = null;
        try
        {
            if (NeedsAddress(spec))
            {
                address = await TakeAddressAsync(context, spec, oldSpec, cancellationToken);
            }

            await ServicePorts.AssignAsync(ports, spec, oldSpec, context.Name);
        }
        catch (ApiException) when (!context.DryRun)
        {
            await _allocator.ReleasePortsAsync(ports.Taken, CancellationToken.None);
            if (address is not null)
            {
                await _allocator.ReleaseAddressAsync(address, CancellationToken.None);
            }

            throw;
        }
    }

    /// <inheritdoc />
    public override async ValueTask ReleaseAsync(WriteContext context, JsonMap obj, CancellationToken cancellationToken)
    {
        if (context.DryRun)
        {
            return;
        }

        // A Service of the same name that another server made meanwhile may have the same fixed address: that is its own.
        JsonMap? other = await context.Registry.FindAsync("", "services", context.Namespace, context.Name, cancellationToken);
        bool isOther = other is not null && other.Map("metadata")?.String("uid") != obj.Map("metadata")?.String("uid");
        await FreeAsync(obj.MapAt("spec"), isOther ? other!.MapAt("spec") : null, cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask SettleAsync(
        WriteContext context, JsonMap obj, JsonMap old, bool written, CancellationToken cancellationToken)
    {
        if (context.Subresource.Length == 0)
        {
            JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
            await (written ? FreeAsync(oldSpec, spec, cancellationToken) : FreeAsync(spec, oldSpec, cancellationToken));
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) => ServiceWarnings.Of(obj);

    /// <inheritdoc />
    public override IEnumerable<string> StatusWarnings(JsonMap obj) => AddressWarnings.LoadBalancer(obj);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        string ip = spec.String("clusterIP") ?? "";
        string ports = TableText.Joined((spec.List("ports")?.Maps() ?? []).Select(p => p.Integer("nodePort") is > 0 and var node
            ? string.Create(CultureInfo.InvariantCulture, $"{p.Integer("port")}:{node}/{p.String("protocol")}")
            : string.Create(CultureInfo.InvariantCulture, $"{p.Integer("port")}/{p.String("protocol")}")));
        return
        [
            metadata.String("name"),
            spec.String("type"),
            ip.Length == 0 ? TableText.None : ip,
            ExternalAddress(obj),
            ports,
            TableText.Age(metadata.String("creationTimestamp")),
            TableText.Labels(spec.Map("selector")),
        ];
    }

    /// <summary>Gives back what one spec has and the other hasn't.</summary>
    private async ValueTask FreeAsync(JsonMap spec, JsonMap? kept, CancellationToken cancellationToken)
    {
        HashSet<int> stay = kept is null ? [] : [.. ServicePorts.Of(kept)];
        await _allocator.ReleasePortsAsync([.. ServicePorts.Of(spec).Where(p => !stay.Contains(p))], cancellationToken);
        if (NeedsAddress(spec) && spec.String("clusterIP") is { Length: > 0 } ip && ip != "None" && ip != kept?.String("clusterIP"))
        {
            await _allocator.ReleaseAddressAsync(ip, cancellationToken);
        }
    }

    /// <summary>Takes the address that a spec names or any other; null where the Service has it already or wants none.</summary>
    private async Task<string?> TakeAddressAsync(WriteContext context, JsonMap spec, JsonMap? oldSpec, CancellationToken cancellationToken)
    {
        string ip = spec.String("clusterIP") ?? "";
        bool takes = ip.Length == 0
            || (ip != "None" && !(oldSpec is not null && NeedsAddress(oldSpec) && oldSpec.String("clusterIP") == ip));
        if (ip.Length == 0)
        {
            ip = await _allocator.TakeAddressAsync(context.Namespace, context.Name, context.DryRun, cancellationToken);
        }
        else if (takes)
        {
            Refuse(
                context, spec, await _allocator.TakeAddressAsync(ip, context.Namespace, context.Name, context.DryRun, cancellationToken));
        }

        spec["clusterIP"] = ip;
        spec["clusterIPs"] = new JsonList { ip };
        return takes ? ip : null;
    }

    private static string ExternalAddress(JsonMap service)
    {
        JsonMap spec = service.MapAt("spec");
        IEnumerable<string> external = spec.List("externalIPs")?.Strings() ?? [];
        switch (spec.String("type"))
        {
            case "LoadBalancer":
                List<string> all = [.. (service.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? [])
                    .Select(i => i.String("ip") ?? i.String("hostname") ?? ""), .. external];
                return all.Count == 0 ? "<pending>" : string.Join(",", all);
            case "ExternalName":
                return spec.String("externalName") ?? "";
            default:
                return TableText.Joined(external);
        }
    }

    private static void Refuse(WriteContext context, JsonMap spec, string? fault)
    {
        if (fault is not null)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec", "clusterIPs"), spec["clusterIPs"], fault);
            throw ApiException.Invalid("", "Service", context.Name, errors);
        }
    }

    internal static bool NeedsAddress(JsonMap spec) => spec.String("type") is "ClusterIP" or "NodePort" or "LoadBalancer";

    private static void Text(JsonMap map, string name, string value)
    {
        if ((map.String(name) ?? "").Length == 0)
        {
            map[name] = value;
        }
    }
}
