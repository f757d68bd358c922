using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What of a Pod's status may change, and how (Kubernetes v1.36, <c>ValidatePodStatusUpdate</c>).</summary>
public sealed class PodStatusValidation(FieldErrors errors)
{
    private static readonly FieldPath s_path = FieldPath.Of("status");

    /// <summary>Adds every fault of a change.</summary>
    public void Validate(JsonMap pod, JsonMap old)
    {
        JsonMap status = pod.MapAt("status"), spec = old.MapAt("spec");
        JsonMap? before = old.Map("status");
        FieldPath metadata = FieldPath.Of("metadata");
        JsonMap? annotations = pod.MapAt("metadata").Map("annotations");
        PodAnnotationValidation.Update(annotations, old.MapAt("metadata").Map("annotations"), metadata.Child("annotations"), errors);
        PodAnnotationValidation.Validate(annotations, spec, metadata.Child("annotations"), errors);
        int index = 0;
        foreach (JsonMap condition in status.List("conditions")?.Maps() ?? [])
        {
            FieldPath at = metadata.Child("conditions").Index(index++).Child("Type");
            if (condition.String("type") is not ("PodScheduled" or "Ready" or "Initialized"))
            {
                FieldRules.QualifiedName(condition.String("type"), at, errors);
            }
        }

        if (status.String("nominatedNodeName") is { Length: > 0 } node && node != before?.String("nominatedNodeName"))
        {
            FieldRules.Subdomain(node, s_path.Child("nominatedNodeName"), errors);
        }

        if (status.String("qosClass") != before?.String("qosClass"))
        {
            errors.Invalid(s_path.Child("qosClass"), status.String("qosClass") ?? "", MetadataValidation.Immutable);
        }

        string policy = spec.String("restartPolicy") ?? "Always";
        Transitions(status, before, "containerStatuses", policy, []);
        Transitions(status, before, "initContainerStatuses", policy, Sidecars(spec));
        Transitions(status, before, "ephemeralContainerStatuses", "Never", []);
        Claims(status.List("resourceClaimStatuses"), spec);
        Addresses(status.List("podIPs"), s_path.Child("podIPs"));
        HostAddresses(status);
    }

    private static HashSet<string?> Sidecars(JsonMap spec) =>
        [.. (spec.List("initContainers")?.Maps() ?? []).Where(c => c.String("restartPolicy") == "Always").Select(c => c.String("name"))];

    private void Transitions(JsonMap status, JsonMap? old, string kind, string policy, HashSet<string?> restartable)
    {
        if (policy == "Always")
        {
            return;
        }

        int index = -1;
        foreach (JsonMap before in old?.List(kind)?.Maps() ?? [])
        {
            index++;
            JsonMap? ended = before.Map("state")?.Map("terminated");
            bool mayRestart = ended is null || (policy == "OnFailure" && ended.Integer("exitCode") is not (null or 0)) || restartable.Contains(before.String("name"));
            if (!mayRestart && (status.List(kind)?.Maps() ?? []).Any(s => s.String("name") == before.String("name") && s.Map("state")?.Map("terminated") is null))
            {
                errors.Forbidden(s_path.Child(kind).Index(index).Child("state"), "may not be transitioned to non-terminated state");
            }
        }
    }

    private void Claims(JsonList? statuses, JsonMap spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap claim in statuses?.Maps() ?? [])
        {
            FieldPath at = s_path.Child("resourceClaimStatuses").Index(index++).Child("name");
            string name = claim.String("name") ?? "";
            if (spec.List("resourceClaims")?.Maps().Any(c => c.String("name") == name) != true)
            {
                errors.Invalid(at, name, "must match the name of an entry in `spec.resourceClaims`");
            }

            if (!names.Add(name))
            {
                errors.Duplicate(at, name);
            }

            if (claim.String("resourceClaimName") is { } reference)
            {
                FieldRules.Subdomain(reference, at, errors);
            }
        }
    }

    private void HostAddresses(JsonMap status)
    {
        if (status.List("hostIPs") is not { Count: > 0 } addresses)
        {
            return;
        }

        string first = addresses.Maps().First().String("ip") ?? "";
        if ((status.String("hostIP") ?? "") != first)
        {
            errors.Invalid(s_path.Child("hostIPs").Index(0).Child("ip"), first, "must be equal to `hostIP`");
        }

        Addresses(addresses, s_path.Child("hostIPs"));
    }

    private void Addresses(JsonList? addresses, FieldPath path)
    {
        List<string> texts = [.. (addresses?.Maps() ?? []).Select(a => a.String("ip") ?? "")];
        for (int i = 0; i < texts.Count; i++)
        {
            FieldRules.Address(texts[i], path.Index(i), errors);
        }

        if (texts.Count < 2)
        {
            return;
        }

        if (texts.Count > 2 || texts[0].Contains(':') == texts[1].Contains(':'))
        {
            errors.Invalid(path, new JsonList(texts.Select(t => (object?)new JsonMap { { "IP", t } })), "may specify no more than one IP for each IP family");
        }

        for (int i = 1; i < texts.Count; i++)
        {
            if (texts.IndexOf(texts[i]) < i)
            {
                errors.Duplicate(path.Index(i), new JsonMap { { "IP", texts[i] } });
            }
        }
    }
}
