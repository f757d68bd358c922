using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>
/// Holds Pods to the level that their namespace's labels ask for: refuses what violates <c>enforce</c>, warns of what
/// violates <c>warn</c>, in templates too (Kubernetes v1.36, KEP-2579).
/// </summary>
public sealed class PodSecurityPlugin(ResourceRegistry registry) : AdmissionPlugin
{
    private const int MaxPods = 3000;

    private static readonly Dictionary<(string, string), string[]> s_templates = new()
    {
        [("", "podtemplates")] = ["template"],
        [("", "replicationcontrollers")] = ["spec", "template"],
        [("apps", "daemonsets")] = ["spec", "template"],
        [("apps", "deployments")] = ["spec", "template"],
        [("apps", "replicasets")] = ["spec", "template"],
        [("apps", "statefulsets")] = ["spec", "template"],
        [("batch", "jobs")] = ["spec", "template"],
        [("batch", "cronjobs")] = ["spec", "jobTemplate", "spec", "template"],
    };

    /// <inheritdoc />
    public override string Name => "PodSecurity";

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || request.Object is null)
        {
            return;
        }

        ResourceDefinition resource = request.Context.Resource;
        if (request.Is("", "namespaces"))
        {
            await NamespaceAsync(request, cancellationToken);
        }
        else if (resource.Group.Length == 0 && resource.Name == "pods" && request.Context.Subresource is "" or "ephemeralcontainers")
        {
            await PodAsync(request, cancellationToken);
        }
        else if (request.Context.Subresource.Length == 0 && s_templates.TryGetValue((resource.Group, resource.Name), out string[]? path))
        {
            JsonMap? template = request.Object;
            foreach (string step in path)
            {
                template = template?.Map(step);
            }

            if (template?.Map("spec") is { } spec && await LabelsAsync(request, cancellationToken) is { } labels)
            {
                Warn(request, SecurityPolicy.Read(labels, "warn", []), spec, template.Map("metadata")?.Map("annotations"));
            }
        }
    }

    private static void Warn(AdmissionRequest request, SecurityPolicy policy, JsonMap spec, JsonMap? annotations)
    {
        List<PodSecurityViolation> violations = PodSecurityStandards.Violations(policy, spec, annotations);
        if (violations.Count > 0)
        {
            request.Context.Warn($"would violate PodSecurity \"{policy}\": {string.Join(", ", violations)}");
        }
    }

    private async Task PodAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        JsonMap spec = request.Object!.MapAt("spec");
        if ((request.OldObject is { } old && !IsSignificant(spec, old.MapAt("spec")))
            || await LabelsAsync(request, cancellationToken) is not { } labels)
        {
            return;
        }

        JsonMap? annotations = request.Object.MapAt("metadata").Map("annotations");
        SecurityPolicy enforce = SecurityPolicy.Read(labels, "enforce", []);
        List<PodSecurityViolation> violations = PodSecurityStandards.Violations(enforce, spec, annotations);
        if (violations.Count > 0)
        {
            throw ApiException.Forbidden(
                "", "pods", request.Context.Name, $"violates PodSecurity \"{enforce}\": {string.Join(", ", violations)}");
        }

        Warn(request, SecurityPolicy.Read(labels, "warn", []), spec, annotations);
    }

    /// <summary>Of a Pod that is there only its images and ephemeral containers may change in a way that matters.</summary>
    private static bool IsSignificant(JsonMap spec, JsonMap old)
    {
        foreach (string kind in (string[])["containers", "initContainers", "ephemeralContainers"])
        {
            if (!(spec.List(kind)?.Maps() ?? [])
                .Select(c => c.String("image"))
                .SequenceEqual((old.List(kind)?.Maps() ?? []).Select(c => c.String("image"))))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<JsonMap?> LabelsAsync(AdmissionRequest request, CancellationToken cancellationToken) =>
        (await registry.FindAsync("", "namespaces", "", request.Context.Namespace, cancellationToken))?.Map("metadata")?.Map("labels");

    private async Task NamespaceAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        JsonMap? labels = request.Object!.MapAt("metadata").Map("labels"), oldLabels = request.OldObject?.MapAt("metadata").Map("labels");
        FieldErrors errors = [], oldErrors = [];
        SecurityPolicy enforce = SecurityPolicy.Read(labels, "enforce", errors), before = SecurityPolicy.Read(
            oldLabels, "enforce", oldErrors);
        foreach (string mode in (string[])["audit", "warn"])
        {
            SecurityPolicy.Read(labels, mode, errors);
            SecurityPolicy.Read(oldLabels, mode, oldErrors);
        }

        if (errors.Count > 0 && (request.OldObject is null || !errors.SequenceEqual(oldErrors)))
        {
            throw ApiException.Invalid("", "Namespace", request.Context.Name, errors);
        }

        if (request.OldObject is null || enforce.IsPrivileged || enforce == before || before.IsAtLeast(enforce))
        {
            return;
        }

        await ExistingAsync(request, enforce, cancellationToken);
    }

    private async Task ExistingAsync(AdmissionRequest request, SecurityPolicy enforce, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (JsonMap pod in (await registry.ListAsync("", "pods", request.Context.Name, cancellationToken)).Take(MaxPods))
        {
            List<PodSecurityViolation> violations = PodSecurityStandards.Violations(
                enforce, pod.MapAt("spec"), pod.MapAt("metadata").Map("annotations"));
            if (violations.Count == 0)
            {
                continue;
            }

            string reasons = string.Join(", ", violations.Select(v => v.Reason));
            if (!found.TryGetValue(reasons, out List<string>? names))
            {
                found[reasons] = names = [];
            }

            names.Add(pod.MapAt("metadata").String("name") ?? "");
        }

        if (found.Count == 0)
        {
            return;
        }

        request.Context.Warn(
            $"existing pods in namespace \"{request.Context.Name}\" violate the new PodSecurity enforce level \"{enforce}\"");
        foreach (string warning in found.Select(f => Existing([.. f.Value.Order(StringComparer.Ordinal)], f.Key))
            .Order(StringComparer.Ordinal))
        {
            request.Context.Warn(warning);
        }
    }

    private static string Existing(List<string> names, string reasons) => names.Count switch
    {
        1 => $"{names[0]}: {reasons}",
        2 => $"{names[0]} (and 1 other pod): {reasons}",
        _ => $"{names[0]} (and {names.Count - 1} other pods): {reasons}",
    };
}
