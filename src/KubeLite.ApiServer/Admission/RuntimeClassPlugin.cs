using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// A Pod gets what its RuntimeClass says of overhead and of the nodes it can run on (Kubernetes v1.36,
/// <c>plugin/pkg/admission/runtimeclass</c>).
/// </summary>
public sealed class RuntimeClassPlugin(ResourceRegistry registry) : AdmissionPlugin
{
    /// <inheritdoc />
    public override string Name => "RuntimeClass";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("", "pods") || await FindAsync(request, cancellationToken) is not { } runtime)
        {
            return;
        }

        JsonMap spec = request.Object!.MapAt("spec");
        if (runtime.Map("overhead")?.Map("podFixed") is { } overhead)
        {
            if (spec.Map("overhead") is { } sent && !JsonValue.DeepEquals(sent, overhead))
            {
                throw Rejected(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }

            spec["overhead"] = overhead.DeepCopy();
        }

        Schedule(request, spec, runtime.Map("scheduling"));
    }

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Creates("", "pods"))
        {
            return;
        }

        JsonMap? runtime = await FindAsync(request, cancellationToken);
        if (request.Object!.MapAt("spec").Map("overhead") is { Count: > 0 } && runtime?.Map("overhead") is null)
        {
            throw Rejected(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private static ApiException Rejected(AdmissionRequest request, string message) =>
        ApiException.Forbidden("", "pods", request.Context.Name, message);

    private static void Schedule(AdmissionRequest request, JsonMap spec, JsonMap? scheduling)
    {
        foreach (var (key, value) in scheduling?.Map("nodeSelector") ?? [])
        {
            if (spec.Map("nodeSelector")?.String(key) is { } own && own != (string?)value)
            {
                throw Rejected(
                    request, $"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}");
            }

            spec.MapAt("nodeSelector")[key] = value;
        }

        foreach (JsonMap toleration in scheduling?.List("tolerations")?.Maps() ?? [])
        {
            JsonList tolerations = spec.List("tolerations") ?? [];
            if (!tolerations.Maps().Any(t => JsonValue.DeepEquals(t, toleration)))
            {
                tolerations.Add(toleration.DeepCopy());
            }

            spec["tolerations"] = tolerations;
        }
    }

    private async Task<JsonMap?> FindAsync(AdmissionRequest request, CancellationToken cancellationToken) =>
        request.Object!.MapAt("spec").String("runtimeClassName") is not { } name ? null
            : await registry.FindAsync("node.k8s.io", "runtimeclasses", "", name, cancellationToken)
                ?? throw Rejected(request, $"pod rejected: RuntimeClass {FieldError.GoQuote(name)} not found");
}
