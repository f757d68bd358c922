using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What the server writes into a new Pod besides its status (Kubernetes v1.36, <c>pkg/registry/core/pod</c>).</summary>
public static class PodPreparation
{
    private static readonly string[] s_terms =
        ["requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"];

    /// <summary>Turns the label keys of affinity and spreading into requirements on the Pod's own values.</summary>
    public static void LabelKeys(JsonMap spec, JsonMap? labels)
    {
        foreach (string kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            foreach (string list in s_terms)
            {
                foreach (JsonMap item in spec.Map("affinity")?.Map(kind)?.List(list)?.Maps() ?? [])
                {
                    JsonMap term = item.Map("podAffinityTerm") ?? item;
                    Require(term, "matchLabelKeys", "In", labels);
                    Require(term, "mismatchLabelKeys", "NotIn", labels);
                }
            }
        }

        foreach (JsonMap constraint in spec.List("topologySpreadConstraints")?.Maps() ?? [])
        {
            Require(constraint, "matchLabelKeys", "In", labels);
        }
    }

    /// <summary>Takes the AppArmor profiles of older annotations over into the containers' fields.</summary>
    public static void AppArmor(JsonMap pod, Action<string> warn)
    {
        JsonMap spec = pod.MapAt("spec");
        if (spec.Map("os")?.String("name") == "windows")
        {
            return;
        }

        JsonMap? shared = spec.Map("securityContext")?.Map("appArmorProfile");
        foreach ((JsonMap container, _) in PodContainers.All(spec, ApiMachinery.Errors.FieldPath.Of("spec")))
        {
            string key = PodAnnotationValidation.AppArmorPrefix + container.String("name");
            JsonMap? own = container.Map("securityContext")?.Map("appArmorProfile");
            if (own is null && pod.MapAt("metadata").Map("annotations")?.String(key) is { } annotation)
            {
                JsonMap? field = Field(annotation);
                bool other = field is not null && !JsonValue.DeepEquals(field, shared);
                if (other)
                {
                    container.MapAt("securityContext")["appArmorProfile"] = field;
                }

                if (field is null || other)
                {
                    warn($"metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
                }
            }
        }
    }

    /// <summary>
    /// Of what was sent for a resize only resources and resize policies count. Containers that were added, removed or
    /// renamed stay as sent, for validation to refuse.
    /// </summary>
    public static void OnlyResources(JsonMap pod, JsonMap old)
    {
        JsonMap sent = pod.MapAt("spec"), spec = old.MapAt("spec").DeepCopy();
        string[] kinds = ["containers", "initContainers"];
        if (kinds.Any(k => (sent.List(k)?.Count ?? 0) != (spec.List(k)?.Count ?? 0)))
        {
            return;
        }

        foreach (string kind in kinds)
        {
            List<JsonMap> wanted = [.. sent.List(kind)?.Maps() ?? []], containers = [.. spec.List(kind)?.Maps() ?? []];
            if (!wanted.Select(c => c.String("name")).SequenceEqual(containers.Select(c => c.String("name"))))
            {
                spec[kind] = sent[kind];
                continue;
            }

            for (int i = 0; i < containers.Count; i++)
            {
                containers[i]["resources"] = JsonValue.DeepCopy(wanted[i]["resources"]) ?? new JsonMap();
                Copy(wanted[i], containers[i], "resizePolicy");
            }
        }

        Copy(sent, spec, "resources");
        StatusMetadata.Reset(pod, old);
        pod["spec"] = spec;
    }

    /// <summary>
    /// A generation that the status of a Pod, or one of its conditions, was observed at stays where the caller leaves it
    /// out; conditions of one type are matched in order.
    /// </summary>
    public static void KeepObservedGenerations(JsonMap status, JsonMap? old)
    {
        Keep(status, old);
        Dictionary<string, Queue<JsonMap>> before = (old?.List("conditions")?.Maps() ?? [])
            .GroupBy(c => c.String("type") ?? "").ToDictionary(g => g.Key, g => new Queue<JsonMap>(g), StringComparer.Ordinal);
        foreach (JsonMap condition in status.List("conditions")?.Maps() ?? [])
        {
            Keep(
                condition,
                before.TryGetValue(condition.String("type") ?? "", out Queue<JsonMap>? same) && same.Count > 0 ? same.Dequeue() : null);
        }

        static void Keep(JsonMap now, JsonMap? then)
        {
            if (now.Integer("observedGeneration") is null or 0 && then?.Integer("observedGeneration") is { } generation and not 0)
            {
                now["observedGeneration"] = generation;
            }
        }
    }

    private static void Copy(JsonMap from, JsonMap to, string name)
    {
        if (from.TryGetValue(name, out object? value))
        {
            to[name] = JsonValue.DeepCopy(value);
        }
        else
        {
            to.Remove(name);
        }
    }

    private static void Require(JsonMap term, string keys, string op, JsonMap? labels)
    {
        if (term.Map("labelSelector") is not { } selector)
        {
            return;
        }

        foreach (string key in term.List(keys)?.Strings() ?? [])
        {
            if (labels?.String(key) is not { } value)
            {
                continue;
            }

            if (selector.List("matchExpressions") is not { } expressions)
            {
                expressions = [];
                selector["matchExpressions"] = expressions;
            }

            expressions.Add(new JsonMap { { "key", key }, { "operator", op }, { "values", new JsonList { value } } });
        }
    }

    private static JsonMap? Field(string annotation) => annotation switch
    {
        "runtime/default" => new JsonMap { { "type", "RuntimeDefault" } },
        "unconfined" => new JsonMap { { "type", "Unconfined" } },
        _ when annotation.StartsWith("localhost/", StringComparison.Ordinal)
            && annotation["localhost/".Length..].Trim() is { Length: > 0 } file && file == annotation["localhost/".Length..] =>
            new JsonMap { { "type", "Localhost" }, { "localhostProfile", file } },
        _ => null,
    };
}
