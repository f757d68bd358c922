using System.Globalization;
using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>What a Job's Pods carry and how they are judged.</summary>
internal static class JobPods
{
    internal const string Finalizer = "batch.kubernetes.io/job-tracking";
    internal const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    internal const string FailureCountAnnotation = "batch.kubernetes.io/job-index-failure-count";

    internal static bool IsIndexed(V1Job job) => job.Spec.CompletionMode == "Indexed";

    internal static bool HasFinalizer(V1Pod pod) => HasFinalizer(pod.Metadata);

    internal static bool HasFinalizer(V1ObjectMeta metadata) => metadata.Finalizers?.Contains(Finalizer) == true;

    internal static int Index(V1Pod pod) => Number(pod, IndexAnnotation) ?? -1;

    internal static int? Number(V1Pod pod, string annotation) =>
        pod.Metadata.Annotations is { } all && all.TryGetValue(annotation, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether only Pods that ended may be replaced, rather than those that are going too.</summary>
    internal static bool ReplacesEndedOnly(V1Job job) =>
        job.Spec.PodReplacementPolicy == "Failed" || (job.Spec.PodReplacementPolicy is null && job.Spec.PodFailurePolicy is not null);

    /// <summary>Whether a Pod counts as failed; one that is deleted before it ended may never get to say so itself.</summary>
    internal static bool IsFailed(V1Pod pod, V1Job job) =>
        pod.Status?.Phase == "Failed"
        || (!ReplacesEndedOnly(job) && pod.Metadata.DeletionTimestamp is not null && pod.Status?.Phase != "Succeeded");

    internal static bool IsTerminating(V1Pod pod) => pod.Metadata.DeletionTimestamp is not null && !PodConditions.IsTerminal(pod);

    /// <summary>When a Pod's last container ended; failing that when it was deleted or created.</summary>
    internal static DateTime EndOf(V1Pod pod, DateTime now)
    {
        DateTime? latest = null;
        foreach (var status in pod.Status?.ContainerStatuses ?? [])
        {
            if (status.State?.Terminated?.FinishedAt is { } finished && (latest is null || finished > latest))
            {
                latest = finished;
            }
        }
        return latest ?? PodConditions.Find(pod, "Ready")?.LastTransitionTime ?? pod.Metadata.DeletionTimestamp
            ?? pod.Metadata.CreationTimestamp ?? now;
    }

    /// <summary>A new Pod of a Job.</summary>
    /// <param name="job">Gives the template.</param>
    /// <param name="controller">The owner reference.</param>
    /// <param name="index">The completion index; null for a Job without.</param>
    /// <param name="failures">How often this index failed before; null where it isn't counted by index.</param>
    internal static V1Pod New(V1Job job, V1OwnerReference controller, int? index, int? failures)
    {
        var pod = PodControl.FromTemplate(job.Spec.Template, job, controller);
        pod.Metadata.Finalizers = [.. pod.Metadata.Finalizers ?? [], Finalizer];
        if (index is not { } number)
        {
            return pod;
        }
        var text = number.ToString(CultureInfo.InvariantCulture);
        pod.Metadata.Annotations =
            new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>()) { [IndexAnnotation] = text };
        pod.Metadata.Labels =
            new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [IndexAnnotation] = text };
        if (failures is { } count)
        {
            pod.Metadata.Annotations[FailureCountAnnotation] = count.ToString(CultureInfo.InvariantCulture);
        }
        var prefix = job.Metadata.Name + "-" + text;
        pod.Metadata.GenerateName = (prefix.Length > 57 ? prefix[..57] : prefix) + "-";
        pod.Spec.Hostname = prefix;
        pod.Spec.Containers = [.. pod.Spec.Containers.Select(WithIndex)];
        pod.Spec.InitContainers = pod.Spec.InitContainers is null ? null : [.. pod.Spec.InitContainers.Select(WithIndex)];
        return pod;
    }

    private static V1Container WithIndex(V1Container container)
    {
        const string Name = "JOB_COMPLETION_INDEX";
        if (container.Env?.Any(e => e.Name == Name) == true)
        {
            return container;
        }
        var variable = new V1EnvVar
        {
            Name = Name,
            ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.labels['{IndexAnnotation}']" } },
        };
        return container with { Env = [.. container.Env ?? [], variable] };
    }
}
