using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Status;

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
            FieldPath at = s_path.Child("conditions").Index(index++);
            Generation(condition, at);
            if (condition.String("type") is not ("PodScheduled" or "Ready" or "Initialized"))
            {
                FieldRules.QualifiedName(condition.String("type"), at.Child("Type"), errors);
            }
        }

        if (status.String("nominatedNodeName") is { Length: > 0 } node && node != before?.String("nominatedNodeName"))
        {
            FieldRules.Subdomain(node, s_path.Child("nominatedNodeName"), errors);
            if ((spec.String("nodeName") ?? "").Length > 0)
            {
                errors.Forbidden(s_path.Child("nominatedNodeName"), "may not be set on pods that are already bound to a node");
            }
        }

        Generation(status, s_path);

        if (status.String("qosClass") != before?.String("qosClass"))
        {
            errors.Invalid(s_path.Child("qosClass"), status.String("qosClass") ?? "", MetadataValidation.Immutable);
        }

        var restarts = new ContainerRestarts(spec);
        Transitions(status, before, "containerStatuses", restarts.All ? null : (name, code) => restarts.May("containers", name, code));
        Transitions(
            status, before, "initContainerStatuses", restarts.All ? null : (name, code) => restarts.May("initContainers", name, code));
        // What is ephemeral is never started again.
        Transitions(status, before, "ephemeralContainerStatuses", (_, _) => false);
        Claims(status.List("resourceClaimStatuses"), spec);
        ExtendedResources(status.Map("extendedResourceClaimStatus"), spec, s_path.Child("extendedResourceClaimStatus"));
        Addresses(status.List("podIPs"), before?.List("podIPs"), s_path.Child("podIPs"));
        HostAddresses(status, before);
        new ContainerStatusValidation(errors).Validate(status, spec);
    }

    private void Generation(JsonMap holder, FieldPath path)
    {
        if (holder.Integer("observedGeneration") is < 0 and var generation)
        {
            errors.Invalid(path.Child("observedGeneration"), generation, "must be a non-negative integer");
        }
    }

    /// <summary>What has ended starts again only where the Pod says that it does.</summary>
    /// <param name="status">The status.</param>
    /// <param name="old">The status as it was.</param>
    /// <param name="kind">Which containers.</param>
    /// <param name="mayRestart">Whether a container that ended with a code may run again; null where all may.</param>
    private void Transitions(JsonMap status, JsonMap? old, string kind, Func<string?, long, bool>? mayRestart)
    {
        int index = -1;
        foreach (JsonMap before in mayRestart is null ? [] : old?.List(kind)?.Maps() ?? [])
        {
            index++;
            string? name = before.String("name");
            if (before.Map("state")?.Map("terminated") is not { } ended || mayRestart!(name, ended.Integer("exitCode") ?? 0))
            {
                continue;
            }

            if ((status.List(kind)?.Maps() ?? []).Any(s => s.String("name") == name && s.Map("state")?.Map("terminated") is null))
            {
                errors.Forbidden(s_path.Child(kind).Index(index).Child("state"), "may not be transitioned to non-terminated state");
            }
        }
    }

    /// <summary>Adds the faults of the claim that was made for extended resources.</summary>
    private void ExtendedResources(JsonMap? claim, JsonMap spec, FieldPath path)
    {
        if (claim is null)
        {
            return;
        }

        Dictionary<string, JsonMap> containers = new(StringComparer.Ordinal);
        foreach (JsonMap container in (spec.List("initContainers")?.Maps() ?? []).Concat(spec.List("containers")?.Maps() ?? []))
        {
            containers[container.String("name") ?? ""] = container;
        }

        FieldPath mappings = path.Child("requestMappings");
        if (claim.List("requestMappings") is not { Count: > 0 })
        {
            errors.Required(mappings, "at least one request mapping is required");
        }

        var seen = new HashSet<(string, string, string)>();
        int index = 0;
        foreach (JsonMap mapping in claim.List("requestMappings")?.Maps() ?? [])
        {
            FieldPath at = mappings.Index(index++);
            string name = mapping.String("containerName") ?? "",
                resource = mapping.String("resourceName") ?? "", request = mapping.String("requestName") ?? "";
            if (!containers.TryGetValue(name, out JsonMap? container))
            {
                errors.Invalid(
                    at.Child("containerName"), name, "must match the name of an entry in spec.initContainers.name or spec.containers.name");
            }
            else if (container.Map("resources")?.Map("requests")?.ContainsKey(resource) != true)
            {
                errors.Invalid(
                    at.Child("resourceName"), resource,
                    "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests");
            }

            FieldRules.Label(request, path.Child("requestName"), errors);
            if (!seen.Add((name, resource, request)))
            {
                errors.Duplicate(at.Child("containerName"), name);
                errors.Duplicate(at.Child("resourceName"), resource);
                errors.Duplicate(at.Child("requestName"), request);
            }
        }

        if (claim.String("resourceClaimName") is { Length: > 0 } reference)
        {
            FieldRules.Subdomain(reference, path.Child("resourceClaimName"), errors);
        }
        else
        {
            errors.Required(path.Child("resourceClaimName"));
        }
    }

    private void Claims(JsonList? statuses, JsonMap spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap claim in statuses?.Maps() ?? [])
        {
            FieldPath entry = s_path.Child("resourceClaimStatuses").Index(index++), at = entry.Child("name");
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
                FieldRules.Subdomain(reference, entry.Child("resourceClaimName"), errors);
            }
        }
    }

    private void HostAddresses(JsonMap status, JsonMap? old)
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

        Addresses(addresses, old?.List("hostIPs"), s_path.Child("hostIPs"));
    }

    private void Addresses(JsonList? addresses, JsonList? old, FieldPath path)
    {
        List<string> texts = Texts(addresses), kept = Texts(old);
        for (int i = 0; i < texts.Count; i++)
        {
            FieldRules.Address(texts[i], path.Index(i), errors, kept);
        }

        if (texts.Count > 1 && (texts.Count > 2 || texts[0].Contains(':') == texts[1].Contains(':')))
        {
            errors.Invalid(
                path, new JsonList(texts.Select(t => (object?)new JsonMap { { "IP", t } })),
                "may specify no more than one IP for each IP family");
        }
    }

    private static List<string> Texts(JsonList? addresses) => [.. (addresses?.Maps() ?? []).Select(a => a.String("ip") ?? "")];
}
