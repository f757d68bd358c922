using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>
/// Validates changes of a Job's status (Kubernetes v1.36, <c>validateJobStatus</c> and the strategy's options): most
/// rules hold only where what they are about changes, so that older objects can still be written.
/// </summary>
internal static class JobStatusValidation
{
    private static readonly FieldPath s_status = FieldPath.Of("status");
    private static readonly FieldPath s_conditions = FieldPath.Of("status", "conditions");

    public static bool Has(JsonMap job, string condition) =>
        job.Map("status")?.List("conditions")?.Maps().Any(c => c.String("type") == condition && c.String("status") == "True") == true;

    public static void Validate(JsonMap job, JsonMap old, FieldErrors errors)
    {
        JsonMap status = job.Map("status") ?? new JsonMap(), before = old.Map("status") ?? new JsonMap();
        WorkloadValidation.Counts(status, errors, "active", "succeeded", "failed", "ready", "terminating");
        Uncounted(status.Map("uncountedTerminatedPods"), errors);
        bool finished = Has(job, "Complete") || Has(job, "Failed"),
            finishedChanged = finished != (Has(old, "Complete") || Has(old, "Failed"));
        Complete(job, old, errors);
        Times(job, old, status, before, errors);
        Reasons(job, old, status, before, errors);
        if (finished)
        {
            Finished(job, status, before, finishedChanged, errors);
        }

        Indexes(job, status, before, errors);
        if (finished && (finishedChanged || Changed(status, before, "terminating"))
            && status.Integer("terminating") is > 0 and var terminating)
        {
            errors.Invalid(s_status.Child("terminating"), terminating, "terminating>0 is invalid for finished job");
        }

        if (Changed(status, before, "ready", "active") && status.Integer("ready") is { } ready && ready > (status.Integer("active") ?? 0))
        {
            errors.Invalid(s_status.Child("ready"), ready, "cannot set more ready pods than active");
        }

        Success(job, errors);
        Transitions(job, old, status, before, errors);
    }

    private static void Complete(JsonMap job, JsonMap old, FieldErrors errors)
    {
        bool complete = Has(job, "Complete"), completeChanged = Flips(job, old, "Complete");
        Refuse(
            complete && Has(job, "Failed") && (completeChanged || Flips(job, old, "Failed")),
            "cannot set Complete=True and Failed=true conditions", errors);
        Refuse(
            complete && Has(job, "FailureTarget") && (completeChanged || Flips(job, old, "FailureTarget")),
            "cannot set Complete=True and FailureTarget=true conditions", errors);
    }

    private static void Reasons(JsonMap job, JsonMap old, JsonMap status, JsonMap before, FieldErrors errors)
    {
        Refuse(
            Has(job, "Failed") && !Has(job, "FailureTarget") && (Flips(job, old, "Failed") || Changed(status, before, "failedIndexes")),
            "cannot set Failed=True condition without the FailureTarget=true condition", errors);
        Refuse(
            Has(job, "Complete") && !Has(job, "SuccessCriteriaMet")
                && (Flips(job, old, "Complete") || Flips(job, old, "SuccessCriteriaMet")),
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition", errors);
    }

    private static bool Flips(JsonMap job, JsonMap old, string condition) => Has(job, condition) != Has(old, condition);

    private static void Times(JsonMap job, JsonMap old, JsonMap status, JsonMap before, FieldErrors errors)
    {
        bool complete = Has(job, "Complete");
        string? start = status.String("startTime"), completion = status.String("completionTime");
        FieldPath path = s_status.Child("completionTime");
        if (complete != Has(old, "Complete") || Changed(status, before, "completionTime"))
        {
            if (completion is not null && !complete)
            {
                errors.Invalid(path, completion, "cannot set completionTime when there is no Complete=True condition");
            }

            if (completion is null && complete)
            {
                errors.Required(path, "completionTime is required for Complete jobs");
            }
        }

        if (Changed(status, before, "startTime", "completionTime") &&
            ApiTime.TryParse(start, out DateTimeOffset from) && ApiTime.TryParse(completion, out DateTimeOffset to) && to < from)
        {
            errors.Invalid(path, completion, "must be equal to or after `startTime`");
        }
    }

    private static void Finished(JsonMap job, JsonMap status, JsonMap before, bool changed, FieldErrors errors)
    {
        if ((changed || Changed(status, before, "active")) && status.Integer("active") is > 0 and var active)
        {
            errors.Invalid(s_status.Child("active"), active, "active>0 is invalid for finished job");
        }

        bool neverRan = job.MapAt("spec").Flag("suspend") && job.MapAt("spec").Integer("completions") == 0;
        if ((changed || Changed(status, before, "startTime")) && status["startTime"] is null && !neverRan)
        {
            errors.Required(s_status.Child("startTime"), "startTime is required for finished job");
        }

        JsonMap? uncounted = status.Map("uncountedTerminatedPods");
        if ((changed || Changed(status, before, "uncountedTerminatedPods")) &&
            (uncounted?.List("failed") is { Count: > 0 } || uncounted?.List("succeeded") is { Count: > 0 }))
        {
            var shown = new JsonMap { { "Succeeded", uncounted.List("succeeded") }, { "Failed", uncounted.List("failed") } };
            errors.Invalid(s_status.Child("uncountedTerminatedPods"), shown, "must be empty for finished job");
        }
    }

    private static void Indexes(JsonMap job, JsonMap status, JsonMap before, FieldErrors errors)
    {
        JsonMap spec = job.MapAt("spec");
        string completed = status.String("completedIndexes") ?? "";
        string? failed = status.String("failedIndexes");
        long? completions = spec.Integer("completions");
        bool completedChanged = Changed(status, before, "completedIndexes"), failedChanged = Changed(status, before, "failedIndexes");
        if (completedChanged && completions is { } count && !JobIndexes.TryCount(completed, count, out _, out string? fault))
        {
            errors.Invalid(s_status.Child("completedIndexes"), completed, $"error parsing completedIndexes: {fault}");
        }

        if (failedChanged && completions is { } most && spec["backoffLimitPerIndex"] is not null && failed is not null &&
            !JobIndexes.TryCount(failed, most, out _, out fault))
        {
            errors.Invalid(s_status.Child("failedIndexes"), failed, $"error parsing failedIndexes: {fault}");
        }

        if (completedChanged && completed.Length > 0 && spec.String("completionMode") != "Indexed")
        {
            errors.Invalid(
                s_status.Child("completedIndexes"), completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
        }

        if (failedChanged && failed is not null && spec["backoffLimitPerIndex"] is null)
        {
            errors.Invalid(s_status.Child("failedIndexes"), failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }

        if ((completedChanged || failedChanged) && completions is { } all && failed is { Length: > 0 } && completed.Length > 0 &&
            JobIndexes.Overlap(completed, failed, all) is { } index)
        {
            errors.Invalid(s_status.Child("failedIndexes"), failed, $"failedIndexes and completedIndexes overlap at index: {index}");
        }
    }

    private static void Success(JsonMap job, FieldErrors errors)
    {
        bool criteria = Has(job, "SuccessCriteriaMet");
        Refuse(criteria && Has(job, "Failed"), "cannot set SuccessCriteriaMet=True and Failed=true conditions", errors);
        Refuse(criteria && Has(job, "FailureTarget"), "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions", errors);
        Refuse(
            job.MapAt("spec").Map("successPolicy") is not null && !criteria && Has(job, "Complete"),
            "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True", errors);
    }

    private static void Transitions(JsonMap job, JsonMap old, JsonMap status, JsonMap before, FieldErrors errors)
    {
        JsonMap spec = job.MapAt("spec");
        foreach (string type in (string[])["Failed", "Complete", "FailureTarget"])
        {
            Refuse(Has(old, type) && !Has(job, type), $"cannot disable the terminal {type}=True condition", errors);
        }

        Decreases("failed", "cannot decrease the failed counter");
        // An indexed Job whose parallelism is its completions may shrink, and its counter with it.
        if (spec.String("completionMode") != "Indexed" || spec.Integer("completions") != spec.Integer("parallelism"))
        {
            Decreases("succeeded", "cannot decrease the succeeded counter");
        }

        if (status["completionTime"] is { } completion && before["completionTime"] is not null && Changed(status, before, "completionTime"))
        {
            errors.Invalid(s_status.Child("completionTime"), completion, "field is immutable");
        }

        bool resumes = Has(old, "Suspended")
            && (status.List("conditions")?.Maps() ?? []).Any(c => c.String("type") == "Suspended" && c.String("status") == "False");
        if (before["startTime"] is not null && Changed(status, before, "startTime") && !spec.Flag("suspend") && !resumes)
        {
            errors.Invalid(s_status.Child("startTime"), status["startTime"], "field is immutable for unsuspended job once set");
        }

        bool criteria = Has(job, "SuccessCriteriaMet"), hadCriteria = Has(old, "SuccessCriteriaMet");
        Refuse(hadCriteria && !criteria, "cannot disable the SuccessCriteriaMet=True condition", errors);
        Refuse(
            Has(old, "Complete") && !hadCriteria && criteria,
            "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions", errors);

        void Decreases(string name, string detail)
        {
            long now = status.Integer(name) ?? 0;
            if (now < (before.Integer(name) ?? 0))
            {
                errors.Invalid(s_status.Child(name), now, detail);
            }
        }
    }

    private static void Uncounted(JsonMap? pods, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in (string[])["succeeded", "failed"])
        {
            int i = 0;
            foreach (string uid in pods?.List(name)?.Strings() ?? [])
            {
                FieldPath path = s_status.Child("uncountedTerminatedPods").Child(name).Index(i++);
                if (uid.Length == 0)
                {
                    errors.Invalid(path, uid, "must not be empty");
                }
                else if (!seen.Add(uid))
                {
                    errors.Duplicate(path, uid);
                }
            }
        }
    }

    private static void Refuse(bool wrong, string detail, FieldErrors errors)
    {
        if (wrong)
        {
            errors.Add(Omitted.Invalid(s_conditions, detail));
        }
    }

    private static bool Changed(JsonMap status, JsonMap before, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (!JsonValue.DeepEquals(status[name], before[name]))
            {
                return true;
            }
        }

        return false;
    }
}
