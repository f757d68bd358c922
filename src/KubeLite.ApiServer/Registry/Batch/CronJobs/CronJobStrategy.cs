using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Batch.Jobs;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Batch.CronJobs;

/// <summary>CronJobs (Kubernetes v1.36, <c>pkg/registry/batch/cronjob</c>).</summary>
public sealed class CronJobStrategy : TemplatedStrategy
{
    /// <summary>A Job's name has 63 characters, of which the controller's suffix takes 11.</summary>
    private const int MaxNameLength = 52;

    /// <summary>Makes the strategy.</summary>
    public CronJobStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap cron)
    {
        JsonMap spec = cron.MapAt("spec");
        if ((spec.String("concurrencyPolicy") ?? "").Length == 0)
        {
            spec["concurrencyPolicy"] = "Allow";
        }

        spec.SetDefault("suspend", false);
        spec.SetDefault("successfulJobsHistoryLimit", 3L);
        spec.SetDefault("failedJobsHistoryLimit", 1L);
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        Spec(context, obj.MapAt("spec"), null, errors);
        string name = obj.MapAt("metadata").String("name") ?? "";
        if (name.Length > MaxNameLength)
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, $"must be no more than {MaxNameLength} characters");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Spec(context, obj.MapAt("spec"), old.MapAt("spec"), errors);

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        foreach (string warning in JobWarnings.Of(
            obj, old, obj.MapAt("spec").Map("jobTemplate")?.Map("spec"), FieldPath.Of("spec", "jobTemplate", "spec")))
        {
            yield return warning;
        }

        // A new one with a zone in its schedule is refused; the path is Kubernetes' own.
        if (old is not null && (obj.MapAt("spec").String("schedule") ?? "").Contains("TZ", StringComparison.Ordinal))
        {
            yield return
                "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details";
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? job = spec.Map("jobTemplate")?.Map("spec");
        return
        [
            metadata.String("name"),
            spec.String("schedule") ?? "",
            spec.String("timeZone") ?? TableText.None,
            spec["suspend"] switch { true => "True", false => "False", _ => "<unset>" },
            (long)(obj.Map("status")?.List("active")?.Count ?? 0),
            obj.Map("status")?.String("lastScheduleTime") is { } last ? TableText.Age(last) : TableText.None,
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(job?.Map("template")),
            WorkloadTable.Images(job?.Map("template")),
            WorkloadTable.Selector(job?.Map("selector")),
        ];
    }

    private static void Spec(WriteContext context, JsonMap spec, JsonMap? old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        string schedule = spec.String("schedule") ?? "";
        if (schedule.Length == 0)
        {
            errors.Required(path.Child("schedule"));
        }
        else
        {
            Schedule(
                schedule, spec.String("timeZone"),
                old?.String("schedule")?.Contains("TZ", StringComparison.Ordinal) == true, path.Child("schedule"), errors);
        }

        FieldRules.NonNegative(spec, "startingDeadlineSeconds", path, errors);
        if (spec.String("timeZone") is { } zone && (old is null || old.String("timeZone") != zone))
        {
            TimeZone(zone, path.Child("timeZone"), errors);
        }

        FieldRules.RequiredOneOf(spec.String("concurrencyPolicy"), path.Child("concurrencyPolicy"), errors, "Allow", "Forbid", "Replace");
        JsonMap job = spec.Map("jobTemplate")?.Map("spec") ?? new JsonMap();
        FieldPath at = path.Child("jobTemplate").Child("spec");
        JobValidation.Template(context, job, at, errors);
        if (job.Map("selector") is { } selector)
        {
            errors.Invalid(at.Child("selector"), selector, "`selector` will be auto-generated");
        }

        if (job.Flag("manualSelector"))
        {
            errors.NotSupported(at.Child("manualSelector"), true, "nil", "false");
        }

        FieldRules.NonNegative(spec, "successfulJobsHistoryLimit", path, errors);
        FieldRules.NonNegative(spec, "failedJobsHistoryLimit", path, errors);
    }

    private static void Schedule(string schedule, string? zone, bool zoneAllowed, FieldPath path, FieldErrors errors)
    {
        if (CronSyntax.Fault(schedule) is { } fault)
        {
            errors.Invalid(path, schedule, fault);
        }

        bool hasZone = schedule.Contains("TZ", StringComparison.Ordinal);
        if (zoneAllowed && hasZone && zone is not null)
        {
            errors.Invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
        else if (!zoneAllowed && hasZone)
        {
            errors.Invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
    }

    private static void TimeZone(string zone, FieldPath path, FieldErrors errors)
    {
        if (zone.Length == 0)
        {
            errors.Invalid(path, zone, "timeZone must be nil or non-empty string");
            return;
        }

        if (zone.Split('/').Any(p => p is "." or ".." || p.StartsWith('-') || p.Length is 0 or > 14
            || p.Any(c => !char.IsAsciiLetterOrDigit(c) && !".-_+".Contains(c))))
        {
            errors.Invalid(path, zone, $"unknown time zone {zone}");
            return;
        }

        if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }

        if (zone != "Local" && !CronSyntax.IsTimeZone(zone))
        {
            errors.Invalid(path, zone, $"unknown time zone {zone}");
        }
    }

    /// <inheritdoc />
    protected override JsonMap? TemplateOf(JsonMap obj) => obj.Map("spec")?.Map("jobTemplate")?.Map("spec")?.Map("template");
}
