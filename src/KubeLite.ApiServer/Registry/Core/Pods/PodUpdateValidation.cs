using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What of a Pod may change once it is there (ValidatePodUpdate of Kubernetes v1.36).</summary>
public static class PodUpdateValidation
{
    private const string Rule =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    /// <summary>Adds every fault of a change.</summary>
    public static void Validate(JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        if (!SameNames(spec.List("containers"), oldSpec.List("containers")))
        {
            errors.Forbidden(path.Child("containers"), "pod updates may not add or remove containers");
            return;
        }

        if (!SameNames(spec.List("initContainers"), oldSpec.List("initContainers")))
        {
            errors.Forbidden(path.Child("initContainers"), "pod updates may not add or remove containers");
            return;
        }

        Images(spec.List("containers"), path.Child("containers"), errors);
        Images(spec.List("initContainers"), path.Child("initContainers"), errors);
        Deadline(spec, oldSpec, path.Child("activeDeadlineSeconds"), errors);
        Gates(spec.List("schedulingGates"), oldSpec.List("schedulingGates"), path.Child("schedulingGates"), errors);
        Tolerations(spec.List("tolerations"), oldSpec.List("tolerations"), path.Child("tolerations"), errors);
        if (errors.Count > 0)
        {
            return;
        }

        JsonMap munged = spec.DeepCopy();
        foreach (string kind in (string[])["containers", "initContainers"])
        {
            List<JsonMap> before = [.. oldSpec.List(kind)?.Maps() ?? []];
            int index = 0;
            foreach (JsonMap container in munged.List(kind)?.Maps() ?? [])
            {
                container["image"] = before[index++]["image"];
            }
        }

        foreach (string name in (string[])["activeDeadlineSeconds", "tolerations", "schedulingGates"])
        {
            Keep(munged, oldSpec, name);
        }

        if (oldSpec.Integer("terminationGracePeriodSeconds") < 0 && spec.Integer("terminationGracePeriodSeconds") == 1)
        {
            Keep(munged, oldSpec, "terminationGracePeriodSeconds");
        }

        if (oldSpec.List("schedulingGates") is { Count: > 0 })
        {
            // A gated Pod may narrow where it can go.
            Keep(munged, oldSpec, "nodeSelector");
            Keep(munged, oldSpec, "affinity");
        }

        if (!JsonValue.DeepEquals(munged, oldSpec))
        {
            errors.Forbidden(path, $"{Rule}\n{PodSpecDiff.Of(oldSpec, munged)}");
        }
    }

    private static void Keep(JsonMap munged, JsonMap old, string name)
    {
        if (old.TryGetValue(name, out object? value))
        {
            munged[name] = value;
        }
        else
        {
            munged.Remove(name);
        }
    }

    private static bool SameNames(JsonList? a, JsonList? b) =>
        (a?.Maps().Select(c => c.String("name")) ?? []).SequenceEqual(b?.Maps().Select(c => c.String("name")) ?? []);

    private static void Images(JsonList? containers, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap container in containers?.Maps() ?? [])
        {
            string image = container.String("image") ?? "";
            if (image.Length == 0)
            {
                errors.Required(path.Index(index).Child("image"));
            }
            else if (image.Trim().Length != image.Length)
            {
                errors.Invalid(path.Index(index).Child("image"), image, "must not have leading or trailing whitespace");
            }

            index++;
        }
    }

    private static void Deadline(JsonMap spec, JsonMap old, FieldPath path, FieldErrors errors)
    {
        if (spec.Integer("activeDeadlineSeconds") is { } now)
        {
            if (now is < 0 or > int.MaxValue)
            {
                errors.Invalid(path, now, $"must be between 0 and {int.MaxValue}, inclusive");
            }
            else if (old.Integer("activeDeadlineSeconds") is { } before && before < now)
            {
                errors.Invalid(path, now, "must be less than or equal to previous value");
            }
        }
        else if (old.Integer("activeDeadlineSeconds") is not null)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }
    }

    private static void Gates(JsonList? gates, JsonList? old, FieldPath path, FieldErrors errors)
    {
        HashSet<string?> before = [.. old?.Maps().Select(g => g.String("name")) ?? []];
        int index = 0;
        foreach (JsonMap gate in gates?.Maps() ?? [])
        {
            if (!before.Contains(gate.String("name")))
            {
                errors.Forbidden(path.Index(index).Child("name"), $"only deletion is allowed, but found new scheduling gate '{gate.String("name")}'");
            }

            index++;
        }
    }

    private static void Tolerations(JsonList? tolerations, JsonList? old, FieldPath path, FieldErrors errors)
    {
        foreach (JsonMap before in old?.Maps() ?? [])
        {
            bool kept = tolerations?.Maps().Any(t => JsonValue.DeepEquals(Without(t), Without(before))) == true;
            if (!kept)
            {
                errors.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }

        static JsonMap Without(JsonMap toleration)
        {
            JsonMap copy = toleration.DeepCopy();
            copy.Remove("tolerationSeconds");
            return copy;
        }
    }
}
