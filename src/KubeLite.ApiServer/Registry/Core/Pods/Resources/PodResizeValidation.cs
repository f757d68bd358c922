using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Resources;

/// <summary>What a resize may change: cpu and memory of containers that run (Kubernetes v1.36, <c>ValidatePodResize</c>).</summary>
public sealed class PodResizeValidation(FieldErrors errors)
{
    private const string OnlyCpuAndMemory = "only cpu and memory resources are mutable";

    private static readonly FieldPath s_path = FieldPath.Of("spec");

    /// <summary>Adds every fault of a resize.</summary>
    public void Validate(JsonMap pod, JsonMap old)
    {
        JsonMap spec = pod.MapAt("spec"), before = old.MapAt("spec");
        string? refused = old.Map("metadata")?.Map("annotations")?.ContainsKey(PodAnnotationValidation.Mirror) == true
            ? "static pods cannot be resized"
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

        if (HasOwn(spec) || HasOwn(before))
        {
            Own(spec, before);
        }

        if (old.Map("status")?.List("nodeAllocatableResourceClaimStatuses") is { Count: > 0 })
        {
            errors.Forbidden(s_path, "pods with node allocatable resource claims cannot be resized");
        }

        if (!SameOrder(spec, before, "containers") | !SameOrder(spec, before, "initContainers"))
        {
            return;
        }

        Each(spec, before, "initContainers", (now, then, path) => Removed(now, then, path.Child("resources"), "resource"));
        Each(spec, before, "containers", (now, then, path) => Removed(now, then, path.Child("resources"), "resource"));
        JsonMap munged = spec.DeepCopy();
        if (before.TryGetValue("resources", out object? own))
        {
            munged["resources"] = JsonValue.DeepCopy(own);
        }
        else
        {
            munged.Remove("resources");
        }

        Each(munged, before, "containers", (now, then, _) =>
        {
            TakeBack(now, then);
            Unchanged(now, then, s_path, OnlyCpuAndMemory);
        });
        Each(munged, before, "initContainers", Init);
        if (errors.Count == 0 && !JsonValue.DeepEquals(munged, before))
        {
            errors.Forbidden(s_path, OnlyCpuAndMemory);
        }
    }

    private static bool HasOwn(JsonMap spec) =>
        spec.Map("resources") is { } own && (own.Map("requests") is { Count: > 0 } || own.Map("limits") is { Count: > 0 });

    /// <summary>Adds the faults of what the Pod has as a whole.</summary>
    private void Own(JsonMap spec, JsonMap before)
    {
        JsonMap? now = spec.Map("resources"), then = before.Map("resources");
        FieldPath path = s_path.Child("resources");
        if (now is null)
        {
            errors.Forbidden(path, "pod-level resources cannot be removed");
            return;
        }

        if (then is not null)
        {
            Removed(spec, before, path, "pod-level resource");
        }

        JsonMap munged = new() { { "resources", now.DeepCopy() } }, was = new();
        if (then is not null)
        {
            was["resources"] = then;
        }

        TakeBack(munged, was);
        if (then is null && munged.Map("resources") is { Count: 0 })
        {
            munged.Remove("resources");
        }

        Unchanged(munged, was, s_path, "only cpu and memory resources are mutable at pod-level");
    }

    private void Init(JsonMap now, JsonMap then, FieldPath path)
    {
        bool changed = !JsonValue.DeepEquals(now, then), sidecar = now.String("restartPolicy") == "Always";
        TakeBack(now, then);
        Unchanged(now, then, path, "only cpu and memory resources for init or sidecar containers are mutable");
        if (!changed || sidecar)
        {
            return;
        }

        foreach (JsonMap policy in now.List("resizePolicy")?.Maps() ?? [])
        {
            if (policy.String("restartPolicy") == "RestartContainer")
            {
                errors.Forbidden(path, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
            }
        }
    }

    private bool SameOrder(JsonMap spec, JsonMap before, string kind)
    {
        List<string?> now = [.. (spec.List(kind)?.Maps() ?? []).Select(c => c.String("name"))],
            then = [.. (before.List(kind)?.Maps() ?? []).Select(c => c.String("name"))];
        int faults = errors.Count;
        if (now.Count != then.Count)
        {
            errors.Forbidden(s_path.Child(kind), $"{kind} may not be added or removed on resize");
            return false;
        }

        for (int i = 0; i < now.Count; i++)
        {
            if (now[i] != then[i])
            {
                errors.Forbidden(s_path.Child(kind).Index(i).Child("name"), $"{kind} may not be renamed or reordered on resize");
            }
        }

        return errors.Count == faults;
    }

    /// <summary>A kubelet that can resize reports what running containers have; nobody runs yet where none does.</summary>
    private static bool IsSupported(JsonMap pod)
    {
        JsonMap? running =
            (pod.Map("status")?.List("containerStatuses")?.Maps() ?? []).FirstOrDefault(s => s.Map("state")?.Map("running") is not null);
        return running is null || running.Map("resources") is not null;
    }

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

    private void Unchanged(JsonMap now, JsonMap then, FieldPath path, string detail)
    {
        if (!JsonValue.DeepEquals(now, then))
        {
            errors.Forbidden(path, detail);
        }
    }

    private void Removed(JsonMap now, JsonMap then, FieldPath path, string what)
    {
        foreach (string kind in (string[])["requests", "limits"])
        {
            JsonMap? amounts = now.Map("resources")?.Map(kind);
            if ((then.Map("resources")?.Map(kind) ?? []).Any(m => amounts?.ContainsKey(m.Key) != true))
            {
                errors.Forbidden(path.Child(kind), $"{what} {kind} cannot be removed");
            }
        }
    }

    /// <summary>Puts cpu and memory back to what they were; what is left different may not differ.</summary>
    private static void TakeBack(JsonMap now, JsonMap then)
    {
        JsonMap resources = now.MapAt("resources");
        JsonMap? before = then.Map("resources");
        foreach (string kind in (string[])["limits", "requests"])
        {
            JsonMap? amounts = before?.Map(kind);
            JsonMap own = resources.MapAt(kind);
            foreach (string name in (string[])["cpu", "memory"])
            {
                if (amounts?.String(name) is { } amount)
                {
                    own[name] = amount;
                }
                else
                {
                    own.Remove(name);
                }
            }

            if (own.Count == 0 && amounts is not { Count: 0 })
            {
                resources.Remove(kind);
            }
        }

        if (before is null && resources.Count == 0)
        {
            now.Remove("resources");
        }
    }
}
