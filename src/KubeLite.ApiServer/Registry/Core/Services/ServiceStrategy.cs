using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
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
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => CompleteAddresses(obj.MapAt("spec"));

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        ServiceFamilies.Validate(obj.MapAt("spec"), errors);
        if (errors.Count == 0)
        {
            new ServiceValidation(errors).Validate(obj);
        }
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        bool needsAddress = NeedsAddress(spec), hadAddress = NeedsAddress(oldSpec);
        if (needsAddress && hadAddress)
        {
            // A client that knows nothing of them doesn't take them away.
            if ((spec.String("clusterIP") ?? "").Length == 0 && spec.List("clusterIPs") is not { Count: > 0 })
            {
                spec["clusterIP"] = oldSpec["clusterIP"];
                spec["clusterIPs"] = oldSpec["clusterIPs"];
            }

            spec.SetDefault("ipFamilies", oldSpec["ipFamilies"]);
            spec.SetDefault("ipFamilyPolicy", oldSpec["ipFamilyPolicy"]);
        }

        if (!needsAddress && hadAddress && JsonValue.DeepEquals(spec["clusterIP"], oldSpec["clusterIP"]))
        {
            foreach (string name in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            {
                spec.Remove(name);
            }
        }

        CompleteAddresses(spec);
        DropOfOtherTypes(spec, oldSpec);
        if (ServicePorts.AreNeeded(spec) && ServicePorts.AreNeeded(oldSpec))
        {
            List<JsonMap> before = [.. oldSpec.List("ports")?.Maps() ?? []];
            foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
            {
                JsonMap? same = before.FirstOrDefault(b => b.Integer("port") == port.Integer("port") && b.String("protocol") == port.String("protocol"));
                if ((port.Integer("nodePort") ?? 0) == 0 && same?.Integer("nodePort") is > 0 and var number)
                {
                    port["nodePort"] = number;
                }
            }

            if (ServicePorts.IsHealthNeeded(spec) && ServicePorts.IsHealthNeeded(oldSpec) && (spec.Integer("healthCheckNodePort") ?? 0) == 0)
            {
                spec["healthCheckNodePort"] = oldSpec["healthCheckNodePort"];
            }
        }
        else if (!ServicePorts.AreNeeded(spec))
        {
            List<JsonMap> before = [.. oldSpec.List("ports")?.Maps() ?? []];
            foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
            {
                if (before.Any(b => b.Integer("nodePort") == port.Integer("nodePort")))
                {
                    port.Remove("nodePort");
                }
            }
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        new ServiceAddressValidation(errors).Update(spec, oldSpec);
        var validation = new ServiceValidation(errors);
        validation.LoadBalancerClass(spec, oldSpec);
        if (ServicePorts.IsHealthNeeded(spec) && ServicePorts.IsHealthNeeded(oldSpec) && spec.Integer("healthCheckNodePort") != oldSpec.Integer("healthCheckNodePort"))
        {
            errors.Forbidden(FieldPath.Of("spec", "healthCheckNodePort"), "field is immutable");
        }

        validation.Validate(obj, old);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) => LoadBalancerStatusValidation.Validate(
        obj.Map("status")?.Map("loadBalancer"), old.Map("status")?.Map("loadBalancer"), old.MapAt("spec").String("type") == "LoadBalancer", FieldPath.Of("status", "loadBalancer"), errors);

    /// <inheritdoc />
    public override async ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        if (context.Subresource.Length > 0)
        {
            return;
        }

        JsonMap spec = obj.MapAt("spec");
        JsonMap? oldSpec = old?.MapAt("spec");
        var taken = new List<int>();
        string? address = null;
        try
        {
            if (NeedsAddress(spec))
            {
                address = await TakeAddressAsync(context, spec, oldSpec, cancellationToken);
            }

            if (ServicePorts.AreNeeded(spec))
            {
                await ServicePorts.TakeAsync(_allocator, spec, oldSpec, context.Name, context.DryRun, taken, cancellationToken);
            }
        }
        catch (ApiException) when (!context.DryRun)
        {
            await _allocator.ReleasePortsAsync(taken, CancellationToken.None);
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
    public override async ValueTask SettleAsync(WriteContext context, JsonMap obj, JsonMap old, bool written, CancellationToken cancellationToken)
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
        ServiceFamilies.Complete(spec);
        string ip = spec.String("clusterIP") ?? "";
        bool takes = ip.Length == 0 || (ip != "None" && !(oldSpec is not null && NeedsAddress(oldSpec) && oldSpec.String("clusterIP") == ip));
        if (ip.Length == 0)
        {
            ip = await _allocator.TakeAddressAsync(context.Namespace, context.Name, context.DryRun, cancellationToken);
        }
        else if (takes && await _allocator.TakeAddressAsync(ip, context.Namespace, context.Name, context.DryRun, cancellationToken) is { } fault)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec", "clusterIPs"), spec["clusterIPs"], fault);
            throw ApiException.Invalid("", "Service", context.Name, errors);
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
                List<string> all = [.. (service.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? []).Select(i => i.String("ip") ?? i.String("hostname") ?? ""), .. external];
                return all.Count == 0 ? "<pending>" : string.Join(",", all);
            case "ExternalName":
                return spec.String("externalName") ?? "";
            default:
                return TableText.Joined(external);
        }
    }

    /// <summary>What only the old type has goes with it, where the caller didn't change it.</summary>
    private static void DropOfOtherTypes(JsonMap spec, JsonMap old)
    {
        string? type = spec.String("type");
        bool external = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
        foreach (string name in (string[])["healthCheckNodePort", "allocateLoadBalancerNodePorts", "loadBalancerClass", "externalTrafficPolicy"])
        {
            bool stays = name switch
            {
                "externalTrafficPolicy" => external,
                "healthCheckNodePort" => ServicePorts.IsHealthNeeded(spec),
                _ => type == "LoadBalancer",
            };
            if (!stays && JsonValue.DeepEquals(spec[name], old[name]))
            {
                spec.Remove(name);
            }
        }
    }

    /// <summary>One address in the old form is in the list, too.</summary>
    private static void CompleteAddresses(JsonMap spec)
    {
        string ip = spec.String("clusterIP") ?? "";
        if (ip.Length > 0 && spec.List("clusterIPs") is not { Count: > 0 })
        {
            spec["clusterIPs"] = new JsonList { ip };
        }
    }

    private static bool NeedsAddress(JsonMap spec) => spec.String("type") is "ClusterIP" or "NodePort" or "LoadBalancer";

    private static void Text(JsonMap map, string name, string value)
    {
        if ((map.String(name) ?? "").Length == 0)
        {
            map[name] = value;
        }
    }
}
