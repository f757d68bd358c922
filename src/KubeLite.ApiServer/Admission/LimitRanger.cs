using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>Sets the resources that a namespace's LimitRanges give containers, and refuses what exceeds them.</summary>
public sealed class LimitRanger(ResourceRegistry registry) : AdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    private static readonly (string Kind, string Word)[] s_containers =
        [("initContainers", "init container"), ("containers", "container")];

    /// <inheritdoc />
    public override string Name => "LimitRanger";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("", "pods"))
        {
            return;
        }

        foreach (JsonMap range in await registry.ListAsync("", "limitranges", request.Context.Namespace, cancellationToken))
        {
            Default(request.Object!, range);
        }
    }

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        bool pod = request.Creates("", "pods");
        bool claim = request.Creates("", "persistentvolumeclaims")
            || (request.Operation == "UPDATE" && request.Is("", "persistentvolumeclaims"));
        if (!pod && !claim)
        {
            return;
        }

        foreach (JsonMap range in await registry.ListAsync("", "limitranges", request.Context.Namespace, cancellationToken))
        {
            var faults = new List<string>();
            foreach (JsonMap item in range.Map("spec")?.List("limits")?.Maps() ?? [])
            {
                if (pod)
                {
                    CheckPod(request.Object!.MapAt("spec"), item, faults);
                }
                else if (item.String("type") == "PersistentVolumeClaim")
                {
                    Check(item, "PersistentVolumeClaim", request.Object!.MapAt("spec").Map("resources")?.Map("requests"), null, faults);
                }
            }

            if (faults.Count > 0)
            {
                string why = faults.Count == 1 ? faults[0] : $"[{string.Join(", ", faults)}]";
                throw ApiException.Forbidden("", request.Context.Resource.Name, request.Context.Name, why);
            }
        }
    }

    private static void Default(JsonMap pod, JsonMap range)
    {
        var requests = new JsonMap();
        var limits = new JsonMap();
        foreach (JsonMap item in range.Map("spec")?.List("limits")?.Maps().Where(l => l.String("type") == "Container") ?? [])
        {
            Copy(item.Map("defaultRequest"), requests);
            Copy(item.Map("default"), limits);
        }

        var said = new List<string>();
        JsonMap spec = pod.MapAt("spec");
        foreach ((string kind, string word) in s_containers)
        {
            foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
            {
                JsonMap resources = container.MapAt("resources");
                Set("requests", requests, "request");
                Set("limits", limits, "limit");

                void Set(string member, JsonMap defaults, string name)
                {
                    List<string> set = [.. defaults.Where(d => resources.MapAt(member).SetDefault(d.Key, d.Value))
                        .Select(d => d.Key)
                        .Order(StringComparer.Ordinal)];
                    if (set.Count > 0)
                    {
                        said.Add($"{string.Join(", ", set)} {name} for {word} {container.String("name")}");
                    }
                }
            }
        }

        if (said.Count > 0)
        {
            pod.MapAt("metadata").MapAt("annotations")[Annotation] = "LimitRanger plugin set: " + string.Join("; ", said);
        }
    }

    private static void Copy(JsonMap? from, JsonMap to)
    {
        foreach (var (name, value) in from ?? [])
        {
            to[name] = value;
        }
    }

    private static void CheckPod(JsonMap spec, JsonMap item, List<string> faults)
    {
        string type = item.String("type") ?? "";
        if (type == "Container")
        {
            foreach (JsonMap container in (spec.List("containers")?.Maps() ?? []).Concat(spec.List("initContainers")?.Maps() ?? []))
            {
                JsonMap? resources = container.Map("resources");
                Check(item, type, resources?.Map("requests"), resources?.Map("limits"), faults);
            }
        }
        else if (type == "Pod")
        {
            Check(item, type, PodResources.Sum(spec, "requests"), PodResources.Sum(spec, "limits"), faults);
        }
    }

    private static void Check(JsonMap item, string type, JsonMap? requests, JsonMap? limits, List<string> faults)
    {
        foreach (var (name, value) in item.Map("min") ?? [])
        {
            Quantity least = Quantity.Parse((string)value!);
            if (Find(requests, name) is not { } request)
            {
                faults.Add($"minimum {name} usage per {type} is {value}.  No request is specified");
            }
            else if (request.CompareTo(least) < 0)
            {
                faults.Add($"minimum {name} usage per {type} is {value}, but request is {request}");
            }

            if (Find(limits, name) is { } limit && limit.CompareTo(least) < 0)
            {
                faults.Add($"minimum {name} usage per {type} is {value}, but limit is {limit}");
            }
        }

        foreach (var (name, value) in item.Map("max") ?? [])
        {
            Quantity most = Quantity.Parse((string)value!);
            if (type == "PersistentVolumeClaim")
            {
                if (Find(requests, name) is { } size && size.CompareTo(most) > 0)
                {
                    faults.Add($"maximum {name} usage per {type} is {value}, but request is {size}");
                }

                continue;
            }

            if (Find(limits, name) is not { } limit)
            {
                faults.Add($"maximum {name} usage per {type} is {value}.  No limit is specified");
            }
            else if (limit.CompareTo(most) > 0)
            {
                faults.Add($"maximum {name} usage per {type} is {value}, but limit is {limit}");
            }
            else if (Find(requests, name) is { } request && request.CompareTo(most) > 0)
            {
                faults.Add($"maximum {name} usage per {type} is {value}, but request is {request}");
            }
        }

        foreach (var (name, value) in item.Map("maxLimitRequestRatio") ?? [])
        {
            if (Find(requests, name) is { Sign: > 0 } request && Find(limits, name) is { } limit)
            {
                double ratio = (double)limit.Nanos / (double)request.Nanos, most = (double)Quantity.Parse((string)value!).Nanos / 1e9;
                if (ratio > most)
                {
                    faults.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name} max limit to request ratio per {type} is {value}, but provided ratio is {ratio:F6}"));
                }
            }
            else
            {
                faults.Add($"{name} max limit to request ratio per {type} is {value}, but no request is specified or request is 0");
            }
        }
    }

    private static Quantity? Find(JsonMap? amounts, string name) =>
        Quantity.TryParse(amounts?.String(name), out Quantity amount, out _) ? amount : null;
}
