using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Core.Pods.Scheduling;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What of a Pod may change once it is there (Kubernetes v1.36, <c>ValidatePodUpdate</c>).</summary>
/// <param name="errors">Gets the faults.</param>
/// <param name="schema">Describes a PodSpec.</param>
public sealed class PodUpdateValidation(FieldErrors errors, Schema schema)
{
    private const string Rule =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly FieldPath s_path = FieldPath.Of("spec");

    /// <summary>Adds every fault of a change.</summary>
    public void Validate(JsonMap spec, JsonMap old)
    {
        foreach (string kind in (string[])["containers", "initContainers"])
        {
            if ((spec.List(kind)?.Count ?? 0) != (old.List(kind)?.Count ?? 0))
            {
                errors.Forbidden(s_path.Child(kind), "pod updates may not add or remove containers");
                return;
            }

            PodContainerImages.Validate(spec.List(kind), s_path.Child(kind), missing: true, errors);
        }

        if (!Deadline(spec, old, s_path.Child("activeDeadlineSeconds")))
        {
            return;
        }

        Tolerations(spec.List("tolerations"), old.List("tolerations"), s_path.Child("tolerations"));
        Gates(spec.List("schedulingGates"), old.List("schedulingGates"), s_path.Child("schedulingGates"));
        if (JsonValue.DeepEquals(spec, old))
        {
            return;
        }

        JsonMap munged = WithoutAllowed(spec, old);
        if (!JsonValue.DeepEquals(munged, old))
        {
            errors.Forbidden(s_path, $"{Rule}\n{UnifiedDiff.Of(InternalForm.Of(old, schema), InternalForm.Of(munged, schema))}");
        }
    }

    /// <summary>The new spec with the old values of all that may change.</summary>
    private JsonMap WithoutAllowed(JsonMap spec, JsonMap old)
    {
        JsonMap munged = spec.DeepCopy();
        foreach (string kind in (string[])["containers", "initContainers"])
        {
            List<JsonMap> before = [.. old.List(kind)?.Maps() ?? []];
            int index = 0;
            foreach (JsonMap container in munged.List(kind)?.Maps() ?? [])
            {
                container["image"] = before[index++]["image"];
            }
        }

        foreach (string name in (string[])["activeDeadlineSeconds", "tolerations", "schedulingGates"])
        {
            Keep(munged, old, name);
        }

        if (old.Integer("terminationGracePeriodSeconds") < 0 && spec.Integer("terminationGracePeriodSeconds") == 1)
        {
            Keep(munged, old, "terminationGracePeriodSeconds");
        }

        if (old.List("schedulingGates") is { Count: > 0 })
        {
            Narrowing(munged, old);
        }

        return munged;
    }

    /// <summary>A Pod that isn't scheduled yet may narrow the nodes it can go to.</summary>
    private void Narrowing(JsonMap munged, JsonMap old)
    {
        JsonMap? selector = munged.Map("nodeSelector"), oldSelector = old.Map("nodeSelector");
        if (!JsonValue.DeepEquals(selector, oldSelector))
        {
            if ((oldSelector ?? []).Any(m => selector?.String(m.Key) != (string?)m.Value))
            {
                errors.Invalid(
                    s_path.Child("nodeSelector"), selector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
            }

            Keep(munged, old, "nodeSelector");
        }

        JsonMap? affinity = munged.Map("affinity")?.Map("nodeAffinity"), oldAffinity = old.Map("affinity")?.Map("nodeAffinity");
        if (JsonValue.DeepEquals(affinity, oldAffinity))
        {
            return;
        }

        NodeAffinityNarrowing.Validate(affinity, oldAffinity, s_path.Child("affinity").Child("nodeAffinity"), errors);
        bool alone = munged.Map("affinity") is { } whole && whole.Map("podAffinity") is null && whole.Map("podAntiAffinity") is null;
        if (alone && old.Map("affinity") is null)
        {
            munged.Remove("affinity");
        }
        else
        {
            JsonMap target = munged.MapAt("affinity");
            Keep(target, old.Map("affinity") ?? new JsonMap(), "nodeAffinity");
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

    /// <summary>False where nothing else is looked at.</summary>
    private bool Deadline(JsonMap spec, JsonMap old, FieldPath path)
    {
        long? before = old.Integer("activeDeadlineSeconds");
        if (spec.Integer("activeDeadlineSeconds") is not { } now)
        {
            if (before is not null)
            {
                errors.Invalid(path, null, "must not update from a positive integer to nil value");
            }

            return true;
        }

        if (now is < 0 or > int.MaxValue)
        {
            FieldRules.Follows(NameRules.InRange(now, 0, int.MaxValue), now, path, errors);
            return false;
        }

        if (before < now)
        {
            errors.Invalid(path, now, "must be less than or equal to previous value");
            return false;
        }

        return true;
    }

    private void Gates(JsonList? gates, JsonList? old, FieldPath path)
    {
        HashSet<string?> before = [.. old?.Maps().Select(g => g.String("name")) ?? []];
        int index = 0;
        foreach (JsonMap gate in gates?.Maps() ?? [])
        {
            if (!before.Contains(gate.String("name")))
            {
                errors.Forbidden(
                    path.Index(index).Child("name"), $"only deletion is allowed, but found new scheduling gate '{gate.String("name")}'");
            }

            index++;
        }
    }

    private void Tolerations(JsonList? tolerations, JsonList? old, FieldPath path)
    {
        foreach (JsonMap before in old?.Maps() ?? [])
        {
            if (tolerations?.Maps().Any(t => JsonValue.DeepEquals(Timeless(t), Timeless(before))) != true)
            {
                errors.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }

        TolerationValidation.Validate(tolerations, path, errors);

        static JsonMap Timeless(JsonMap toleration)
        {
            JsonMap copy = toleration.DeepCopy();
            copy.Remove("tolerationSeconds");
            return copy;
        }
    }
}
