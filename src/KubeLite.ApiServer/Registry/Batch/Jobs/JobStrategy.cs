using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>Jobs (Kubernetes v1.36, <c>pkg/registry/batch/job</c>).</summary>
public sealed class JobStrategy : TemplatedStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";

    private static readonly string[] s_nameLabels = ["job-name", "batch.kubernetes.io/job-name"];
    private static readonly string[] s_uidLabels = ["controller-uid", ControllerUid];

    /// <summary>Makes the strategy.</summary>
    public JobStrategy() => TracksGeneration = true;

    /// <inheritdoc />
    public override string DefaultPropagation => "Orphan";

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["status.successful"];

    /// <inheritdoc />
    public override IReadOnlyList<string> CachedFields => ["status.succeeded"];

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field)
    {
        // Selectors have kept a name that the field itself never had.
        string value = base.FieldValue(entry, field == "status.successful" ? "status.succeeded" : field);
        return value.Length == 0 && field == "status.successful" ? "0" : value;
    }

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap job)
    {
        JsonMap spec = job.MapAt("spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1L;
        }

        spec.SetDefault("parallelism", 1L);
        spec.SetDefault("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6L : int.MaxValue);
        DefaultLabels(job);
        spec.SetDefault("completionMode", "NonIndexed");
        spec.SetDefault("suspend", false);
        foreach (JsonMap rule in spec.Map("podFailurePolicy")?.List("rules")?.Maps() ?? [])
        {
            foreach (JsonMap pattern in rule.List("onPodConditions")?.Maps() ?? [])
            {
                if ((pattern.String("status") ?? "").Length == 0)
                {
                    pattern["status"] = "True";
                }
            }
        }

        spec.SetDefault("manualSelector", false);
        spec.SetDefault("podReplacementPolicy", spec.Map("podFailurePolicy") is null ? "TerminatingOrFailed" : "Failed");
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        base.PrepareForCreate(context, obj);
        JsonMap spec = obj.MapAt("spec");
        if (!spec.Flag("manualSelector"))
        {
            GenerateSelector(obj, spec);
        }
    }

    /// <inheritdoc />
    public override ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        // What is read back from Kubernetes' store gets the defaults once more, so labels appear that were never validated.
        DefaultLabels(obj);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override IEnumerable<string> DeleteWarnings(DeleteOptions options)
    {
        if (options.OrphanDependents is null && options.Propagation is null)
        {
            yield return
                "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => JobValidation.Job(context, obj, null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JobValidation.Job(context, obj, old, errors);
        JobValidation.Update(context, obj, old, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        JobStatusValidation.Validate(obj, old, errors);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        JobWarnings.Of(obj, old, obj.Map("spec"), FieldPath.Of("spec"));

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? status = obj.Map("status");
        long succeeded = status?.Integer("succeeded") ?? 0, parallelism = spec.Integer("parallelism") ?? 0;
        string completions = spec.Integer("completions") is { } wanted ? $"{succeeded}/{wanted}" :
            parallelism > 1 ? $"{succeeded}/1 of {parallelism}" : $"{succeeded}/1";
        return
        [
            metadata.String("name"),
            State(obj),
            completions,
            Elapsed(status),
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(spec.Map("template")),
            WorkloadTable.Images(spec.Map("template")),
            WorkloadTable.Selector(spec.Map("selector")),
        ];
    }

    private static string State(JsonMap job)
    {
        if (JobStatusValidation.Has(job, "Complete"))
        {
            return "Complete";
        }

        if (JobStatusValidation.Has(job, "Failed"))
        {
            return "Failed";
        }

        if (job.MapAt("metadata").ContainsKey("deletionTimestamp"))
        {
            return "Terminating";
        }

        foreach (string condition in (string[])["Suspended", "FailureTarget", "SuccessCriteriaMet"])
        {
            if (JobStatusValidation.Has(job, condition))
            {
                return condition;
            }
        }

        return "Running";
    }

    private static object Elapsed(JsonMap? status)
    {
        if (!ApiTime.TryParse(status?.String("startTime"), out DateTimeOffset start))
        {
            return "";
        }

        return ApiTime.TryParse(status?.String("completionTime"), out DateTimeOffset end)
            ? TableText.Duration(end - start)
            : new AgeCell("", start, "");
    }

    private static void GenerateSelector(JsonMap job, JsonMap spec)
    {
        JsonMap metadata = job.MapAt("metadata");
        JsonMap labels = spec.MapAt("template").MapAt("metadata").MapAt("labels");
        // What the user set stays: validation refuses it where it conflicts.
        foreach (string label in s_nameLabels)
        {
            labels.SetDefault(label, metadata["name"]);
        }

        foreach (string label in s_uidLabels)
        {
            labels.SetDefault(label, metadata["uid"]);
        }

        spec.MapAt("selector").MapAt("matchLabels").SetDefault(ControllerUid, metadata["uid"]);
    }

    private static void DefaultLabels(JsonMap job)
    {
        JsonMap metadata = job.MapAt("metadata");
        if (metadata.Map("labels") is not { Count: > 0 } &&
            job.MapAt("spec").Map("template")?.Map("metadata")?.Map("labels") is { Count: > 0 } labels)
        {
            metadata["labels"] = labels.DeepCopy();
        }
    }
}
