using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What a resize may change: cpu and memory of containers that run (Kubernetes v1.36, <c>ValidatePodResize</c>).</summary>
public sealed class PodResizeValidation(FieldErrors errors)
{
    private static readonly FieldPath s_path = FieldPath.Of("spec");

    /// <summary>Adds every fault of a resize.</summary>
    public void Validate(JsonMap pod, JsonMap old)
    {
        JsonMap spec = pod.MapAt("spec"), before = old.MapAt("spec");
        string? refused = old.Map("metadata")?.Map("annotations")?.ContainsKey(PodAnnotationValidation.Mirror) == true ? "static pods cannot be resized"
            : before.Map("os")?.String("name") == "windows" ? "windows pods cannot be resized" : null;
        if (refused is not null)
        {
            errors.Clear();
            errors.Forbidden(FieldPath.Of(""), refused);
            return;
        }

        string was = old.Map("status")?.String("qosClass") ?? PodQos.Of(before);
        if (was != PodQos.Of(spec))
        {
            errors.Invalid(s_path, pod.Map("status")?.String("qosClass") ?? was, "Pod QOS Class may not change as a result of resizing");
        }

        if (!IsSupported(old))
        {
            errors.Forbidden(s_path, "Pod running on node without support for resize");
        }

        if (Count(spec, "containers") != Count(before, "containers") || Count(spec, "initContainers") != Count(before, "initContainers"))
        {
            errors.Forbidden(s_path, "only cpu and memory resources are mutable");
            return;
        }

        Each(spec, before, "initContainers", (now, then, path) =>
        {
            if (then.String("restartPolicy") == "Always")
            {
                Removed(now, then, path.Child("resources"));
            }
        });
        Each(spec, before, "containers", (now, then, path) => Removed(now, then, path.Child("resources")));
        JsonMap munged = spec.DeepCopy();
        Each(munged, before, "containers", (now, then, _) =>
        {
            TakeBack(now, then);
            Unchanged(now, then, "only cpu and memory resources are mutable");
        });
        Each(munged, before, "initContainers", (now, then, _) =>
        {
            if (now.String("restartPolicy") == "Always")
            {
                TakeBack(now, then);
                Unchanged(now, then, "only cpu and memory resources for sidecar containers are mutable");
            }
            else
            {
                Unchanged(now, then, "resources for non-sidecar init containers are immutable");
            }
        });
        if (errors.Count == 0 && !JsonValue.DeepEquals(munged, before))
        {
            errors.Forbidden(s_path, "only cpu and memory resources are mutable");
        }
    }

    /// <summary>A kubelet that can resize reports what running containers have; nobody runs yet where none does.</summary>
    private static bool IsSupported(JsonMap pod)
    {
        JsonMap? running = (pod.Map("status")?.List("containerStatuses")?.Maps() ?? []).FirstOrDefault(s => s.Map("state")?.Map("running") is not null);
        return running is null || running.Map("resources") is not null;
    }

    private static int Count(JsonMap spec, string kind) => spec.List(kind)?.Count ?? 0;

    private static void Each(JsonMap spec, JsonMap old, string kind, Action<JsonMap, JsonMap, FieldPath> visit)
    {
        List<JsonMap> before = [.. old.List(kind)?.Maps() ?? []];
        int index = 0;
        foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
        {
            visit(container, before[index], s_path.Child(kind).Index(index));
            index++;
        }
    }

    private void Unchanged(JsonMap now, JsonMap then, string detail)
    {
        if (!JsonValue.DeepEquals(now, then))
        {
            errors.Forbidden(s_path, detail);
        }
    }

    private void Removed(JsonMap now, JsonMap then, FieldPath path)
    {
        foreach (string kind in (string[])["requests", "limits"])
        {
            JsonMap? amounts = now.Map("resources")?.Map(kind);
            if ((then.Map("resources")?.Map(kind) ?? []).Any(m => amounts?.ContainsKey(m.Key) != true))
            {
                errors.Forbidden(path.Child(kind), $"resource {kind} cannot be removed");
            }
        }
    }

    private static void TakeBack(JsonMap now, JsonMap then)
    {
        JsonMap resources = now.MapAt("resources");
        JsonMap? before = then.Map("resources");
        foreach (string kind in (string[])["limits", "requests"])
        {
            if (before?.Map(kind) is not { } amounts)
            {
                resources.Remove(kind);
                continue;
            }

            JsonMap own = resources.MapAt(kind);
            foreach (string name in (string[])["cpu", "memory"])
            {
                if (amounts.String(name) is { } amount)
                {
                    own[name] = amount;
                }
                else
                {
                    own.Remove(name);
                }
            }
        }

        if (before is null && resources.Count == 0)
        {
            now.Remove("resources");
        }
    }
}
