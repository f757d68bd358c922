using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>A Pod's priority is that of its PriorityClass, or of the default one.</summary>
public sealed class PriorityPlugin(ResourceRegistry registry) : AdmissionPlugin
{
    /// <inheritdoc />
    public override string Name => "Priority";

    /// <inheritdoc />
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation == "UPDATE" && request.Is("", "pods"))
        {
            // What was computed once stays where the caller leaves it out.
            foreach (string field in (string[])["priority", "preemptionPolicy"])
            {
                if (request.OldObject?.Map("spec")?[field] is { } computed)
                {
                    request.Object!.MapAt("spec").SetDefault(field, computed);
                }
            }
        }

        if (!request.Creates("", "pods"))
        {
            return;
        }

        JsonMap spec = request.Object!.MapAt("spec");
        string name = spec.String("priorityClassName") ?? "";
        JsonMap? priorityClass;
        if (name.Length > 0)
        {
            priorityClass = await registry.FindAsync("scheduling.k8s.io", "priorityclasses", "", name, cancellationToken)
                ?? throw ApiException.Forbidden("", "pods", request.Context.Name, $"no PriorityClass with name {name} was found");
        }
        else
        {
            priorityClass = (await registry.ListAsync("scheduling.k8s.io", "priorityclasses", null, cancellationToken))
                .Where(c => c.Flag("globalDefault")).OrderBy(c => c.Integer("value")).FirstOrDefault();
            if (priorityClass is not null)
            {
                spec["priorityClassName"] = priorityClass.MapAt("metadata").String("name");
            }
        }

        long priority = priorityClass?.Integer("value") ?? 0;
        if (spec.Integer("priority") is { } sent && sent != priority)
        {
            throw ApiException.Forbidden("", "pods", request.Context.Name,
                $"the integer value of priority ({sent}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        string policy = priorityClass?.String("preemptionPolicy") ?? "PreemptLowerPriority";
        if (spec.String("preemptionPolicy") is { } given && given != policy)
        {
            throw ApiException.Forbidden("", "pods", request.Context.Name,
                $"the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["preemptionPolicy"] = policy;
    }

    /// <inheritdoc />
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || !request.Is("scheduling.k8s.io", "priorityclasses")
            || !request.Object!.Flag("globalDefault"))
        {
            return;
        }

        string? other = (await registry.ListAsync("scheduling.k8s.io", "priorityclasses", null, cancellationToken))
            .Where(c => c.Flag("globalDefault")).Select(c => c.MapAt("metadata").String("name")).FirstOrDefault();
        if (other is not null && other != request.Context.Name)
        {
            throw ApiException.Forbidden("scheduling.k8s.io", "priorityclasses", request.Context.Name,
                $"PriorityClass {other} is already marked as default. Only one default can exist");
        }
    }
}

/// <summary>A Pod stays five minutes on a node that isn't ready or can't be reached, unless it says otherwise.</summary>
public sealed class DefaultTolerationSeconds : AdmissionPlugin
{
    private static readonly string[] s_taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    /// <inheritdoc />
    public override string Name => "DefaultTolerationSeconds";

    /// <inheritdoc />
    public override ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || !request.Is("", "pods"))
        {
            return ValueTask.CompletedTask;
        }

        JsonMap spec = request.Object!.MapAt("spec");
        JsonList tolerations = spec.List("tolerations") ?? [];
        foreach (string taint in s_taints)
        {
            bool tolerated =
                tolerations.Maps().Any(
                    t => (t.String("key") is null or "" || t.String("key") == taint) && (t.String("effect") is null or "" or "NoExecute"));
            if (!tolerated)
            {
                tolerations.Add(
                    new JsonMap { { "key", taint }, { "operator", "Exists" }, { "effect", "NoExecute" }, { "tolerationSeconds", 300L } });
            }
        }

        spec["tolerations"] = tolerations;
        return ValueTask.CompletedTask;
    }
}

/// <summary>A new Node takes no Pods until its kubelet says that it is ready.</summary>
public sealed class TaintNodesByCondition : AdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    /// <inheritdoc />
    public override string Name => "TaintNodesByCondition";

    /// <inheritdoc />
    public override ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Creates("", "nodes"))
        {
            JsonMap spec = request.Object!.MapAt("spec");
            JsonList taints = spec.List("taints") ?? [];
            if (!taints.Maps().Any(t => t.String("key") == NotReady && t.String("effect") == "NoSchedule"))
            {
                taints.Add(new JsonMap { { "key", NotReady }, { "effect", "NoSchedule" } });
            }

            spec["taints"] = taints;
        }

        return ValueTask.CompletedTask;
    }
}
