using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What the server writes into a new Pod besides its status (Kubernetes v1.36, <c>pkg/registry/core/pod</c>).</summary>
public static class PodPreparation
{
    private static readonly string[] s_terms = ["requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"];

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

    /// <summary>Keeps the AppArmor annotations and fields of a Pod the same, as long as there are readers of either.</summary>
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
            if (pod.MapAt("metadata").Map("annotations")?.String(key) is not { } annotation)
            {
                if (Annotation(own ?? shared) is { } text)
                {
                    pod.MapAt("metadata").MapAt("annotations")[key] = text;
                }
            }
            else if (own is null)
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

    /// <summary>Of what was sent for a resize only the containers' resources and policies count.</summary>
    public static void OnlyResources(JsonMap pod, JsonMap old)
    {
        JsonMap sent = pod.MapAt("spec"), spec = old.MapAt("spec").DeepCopy();
        foreach (string kind in (string[])["containers", "initContainers"])
        {
            foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
            {
                if (sent.List(kind)?.Maps().FirstOrDefault(c => c.String("name") == container.String("name")) is { } wanted)
                {
                    container["resources"] = JsonValue.DeepCopy(wanted["resources"]) ?? new JsonMap();
                    container["resizePolicy"] = JsonValue.DeepCopy(wanted["resizePolicy"]);
                }
            }
        }

        JsonMap metadata = old.MapAt("metadata").DeepCopy();
        metadata["managedFields"] = pod.MapAt("metadata")["managedFields"];
        pod["metadata"] = metadata;
        pod["spec"] = spec;
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

    private static string? Annotation(JsonMap? profile) => profile?.String("type") switch
    {
        "RuntimeDefault" => "runtime/default",
        "Unconfined" => "unconfined",
        "Localhost" when profile.String("localhostProfile") is { } file => "localhost/" + file,
        _ => null,
    };

    private static JsonMap? Field(string annotation) => annotation switch
    {
        "runtime/default" => new JsonMap { { "type", "RuntimeDefault" } },
        "unconfined" => new JsonMap { { "type", "Unconfined" } },
        _ when annotation.StartsWith("localhost/", StringComparison.Ordinal) && annotation["localhost/".Length..].Trim() is { Length: > 0 } file && file == annotation["localhost/".Length..] =>
            new JsonMap { { "type", "Localhost" }, { "localhostProfile", file } },
        _ => null,
    };
}
