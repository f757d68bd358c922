using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// Refuses what would exceed a namespace's quotas, and counts what it lets through in their status at once, so that two
/// requests can't both take the last of it; the controller puts the count right afterwards.
/// </summary>
public sealed class ResourceQuotaPlugin(ResourceRegistry registry) : AdmissionPlugin
{
    /// <summary>Writes quotas' status; set once the server's parts are put together.</summary>
    public SystemWriter? Writer { get; set; }

    /// <inheritdoc />
    public override string Name => "ResourceQuota";

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation != "CREATE" || request.Context.Subresource.Length > 0 || !request.Context.Resource.Namespaced
            || request.Context.Resource.Name == "resourcequotas")
        {
            return;
        }

        Dictionary<string, Quantity>? usage = null;
        foreach (JsonMap quota in await registry.ListAsync("", "resourcequotas", request.Context.Namespace, cancellationToken))
        {
            usage ??= Usage(request.Context.Resource, request.Object!);
            await TakeAsync(request, quota, usage, cancellationToken);
        }
    }

    private async ValueTask TakeAsync(
        AdmissionRequest request, JsonMap quota, Dictionary<string, Quantity> usage, CancellationToken cancellationToken)
    {
        if (!InScope(quota, request))
        {
            return;
        }

        string name = quota.MapAt("metadata").String("name")!;
        JsonMap hard = quota.Map("status")?.Map("hard") ?? quota.Map("spec")?.Map("hard") ?? new JsonMap();
        Dictionary<string, Quantity> counted = usage.Where(u => hard.ContainsKey(u.Key))
            .ToDictionary(u => u.Key, u => u.Value, StringComparer.Ordinal);
        if (request.Context.Resource.Name == "pods")
        {
            List<string> missing = [.. hard.Select(h => h.Key)
                .Where(h => NeedsValue(h) && !usage.ContainsKey(h))
                .Order(StringComparer.Ordinal)];
            if (missing.Count > 0)
            {
                throw Refusal(
                    request,
                    $"failed quota: {name}: must specify " +
                        $"{string.Join("; ", missing.Select(m => $"{m} for: {Containers(request.Object!, m)}"))}");
            }
        }

        if (counted.Count == 0)
        {
            return;
        }

        if (request.Context.DryRun)
        {
            Check(request, name, quota, hard, counted);
            return;
        }

        await Writer!.UpdateAsync("", "resourcequotas", request.Context.Namespace, name, "status", current =>
        {
            JsonMap limits = current.Map("status")?.Map("hard") ?? current.Map("spec")?.Map("hard") ?? new JsonMap();
            Check(request, name, current, limits, counted);
            JsonMap status = current.MapAt("status"), used = status.MapAt("used");
            status.SetDefault("hard", limits.DeepCopy());
            foreach ((string resource, Quantity amount) in counted)
            {
                used[resource] = Amount(used, resource).Add(amount).ToString();
            }
        }, cancellationToken);
    }

    private static void Check(AdmissionRequest request, string name, JsonMap quota, JsonMap hard, Dictionary<string, Quantity> counted)
    {
        JsonMap? used = quota.Map("status")?.Map("used");
        List<string> over = [.. counted.Where(c => Amount(used, c.Key).Add(c.Value).CompareTo(Amount(hard, c.Key)) > 0)
            .Select(c => c.Key)
            .Order(StringComparer.Ordinal)];
        if (over.Count > 0)
        {
            throw Refusal(
                request,
                $"exceeded quota: {name}, requested: {Show(k => counted[k].ToString())}, used: {Show(k => Amount(used, k).ToString())}, limited: {Show(k => Amount(hard, k).ToString())}");
        }

        string Show(Func<string, string> value) => string.Join(",", over.Select(k => $"{k}={value(k)}"));
    }

    private static ApiException Refusal(AdmissionRequest request, string why) =>
        ApiException.Forbidden(request.Context.Resource.Group, request.Context.Resource.Name, request.Context.Name, why);

    private static Quantity Amount(JsonMap? amounts, string name) =>
        Quantity.TryParse(amounts?.String(name), out Quantity amount, out _) ? amount : default;

    private static bool NeedsValue(string name) =>
        name is "cpu" or "memory" or "requests.cpu" or "requests.memory" or "limits.cpu" or "limits.memory";

    private static string Containers(JsonMap pod, string resource)
    {
        string[] parts = resource.Split('.');
        (string member, string name) = parts.Length == 1 ? ("requests", parts[0]) : (parts[0], parts[1]);
        return string.Join(",", (pod.MapAt("spec").List("containers")?.Maps() ?? [])
            .Where(c => c.Map("resources")?.Map(member)?.ContainsKey(name) != true).Select(c => c.String("name")));
    }

    private static Dictionary<string, Quantity> Usage(ResourceDefinition resource, JsonMap obj)
    {
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["count/" + resource.Facts.QualifiedName] = Quantity.OfUnits(1),
        };
        JsonMap spec = obj.Map("spec") ?? new JsonMap();
        switch (resource.Facts.QualifiedName)
        {
            case "pods":
                usage["pods"] = Quantity.OfUnits(1);
                foreach (string member in (string[])["requests", "limits"])
                {
                    foreach (var (name, value) in PodResources.Sum(spec, member))
                    {
                        usage[$"{member}.{name}"] = Quantity.Parse((string)value!);
                        if (member == "requests")
                        {
                            usage[name] = usage[$"{member}.{name}"];
                        }
                    }
                }

                break;
            case "services":
                usage["services"] = Quantity.OfUnits(1);
                if (spec.String("type") is "NodePort" or "LoadBalancer")
                {
                    usage["services.nodeports"] = Quantity.OfUnits(spec.List("ports")?.Count ?? 0);
                }

                if (spec.String("type") == "LoadBalancer")
                {
                    usage["services.loadbalancers"] = Quantity.OfUnits(1);
                }

                break;
            case "persistentvolumeclaims":
                usage["persistentvolumeclaims"] = Quantity.OfUnits(1);
                if (Quantity.TryParse(spec.Map("resources")?.Map("requests")?.String("storage"), out Quantity size, out _))
                {
                    usage["requests.storage"] = size;
                }

                break;
            case "configmaps" or "secrets" or "replicationcontrollers":
                usage[resource.Name] = Quantity.OfUnits(1);
                break;
        }

        return usage;
    }

    private static bool InScope(JsonMap quota, AdmissionRequest request)
    {
        if (quota.Map("spec")?.List("scopes") is not { Count: > 0 } scopes)
        {
            return true;
        }

        if (request.Context.Resource.Name != "pods")
        {
            return false;
        }

        JsonMap spec = request.Object!.MapAt("spec");
        return scopes.Strings().All(scope => scope switch
        {
            "Terminating" => spec.Integer("activeDeadlineSeconds") is not null,
            "NotTerminating" => spec.Integer("activeDeadlineSeconds") is null,
            "BestEffort" => PodQos.Of(spec) == "BestEffort",
            "NotBestEffort" => PodQos.Of(spec) != "BestEffort",
            "PriorityClass" => (spec.String("priorityClassName") ?? "").Length > 0,
            _ => false,
        });
    }
}
