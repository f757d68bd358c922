using System.Globalization;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.CronJobs;

/// <summary>The <c>cronjob-controller</c>: creates a Job whenever its schedule says so (pkg/controller/cronjob, version 2).</summary>
public sealed class CronJobController : ObjectController
{
    private const string ScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";
    private const int TooManyMissed = 100;

    // A Job isn't made before its minute; coming back a little later makes sure of that.
    private static readonly TimeSpan s_margin = TimeSpan.FromMilliseconds(100);

    private readonly SharedInformer<V1CronJob> _crons;
    private readonly SharedInformer<V1Job> _jobs;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public CronJobController(ControllerContext context) : base(context, "cronjob-controller", context.Options.ConcurrentSyncs)
    {
        _events = NewRecorder();
        _crons = Watch<V1CronJob>();
        _jobs = Watch<V1Job>();
        _crons.AddHandler(EnqueueChanged<V1CronJob>());
        _jobs.AddHandler(EnqueueOwner<V1Job>("CronJob"));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_crons.Store.Get(key) is not { } cached)
        {
            return ReconcileResult.Done;
        }
        var cron = cached with { Status = cached.Status is null ? new V1CronJobStatus() : cached.Status with { } };
        var jobs = _jobs.Store.ListNamespace(key.Namespace).Where(j => OwnerReferences.IsControlledBy(j, cron)).ToList();
        await NoteFinishedAsync(cron, jobs, cancellationToken).ConfigureAwait(false);
        await CleanUpAsync(cron, jobs, cancellationToken).ConfigureAwait(false);
        var result = await ScheduleAsync(cron, jobs, cancellationToken).ConfigureAwait(false);
        if (cron.Status.Active is { Count: 0 })
        {
            cron.Status.Active = null;
        }
        if (!JsonCompare.Same(cached.Status ?? new V1CronJobStatus(), cron.Status))
        {
            await Client.UpdateStatusAsync(cron, cancellationToken).ConfigureAwait(false);
        }
        return result;
    }

    private async Task NoteFinishedAsync(V1CronJob cron, List<V1Job> jobs, CancellationToken cancellationToken)
    {
        var active = (cron.Status.Active ?? []).ToList();
        foreach (var job in jobs)
        {
            var known = active.Exists(a => a.Uid == job.Metadata.Uid);
            if (Finished(job) is { } type)
            {
                if (known)
                {
                    active.RemoveAll(a => a.Uid == job.Metadata.Uid);
                    _events.Record(cron, "Normal", "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {type}");
                }
                if (type == "Complete" && job.Status.CompletionTime is { } end
                    && (cron.Status.LastSuccessfulTime is null || end > cron.Status.LastSuccessfulTime))
                {
                    cron.Status.LastSuccessfulTime = end;
                }
            }
            else if (!known
                && await Client.FindAsync<V1CronJob>(cron.Metadata.NamespaceProperty, cron.Metadata.Name, cancellationToken)
                    .ConfigureAwait(false) is { } fresh)
            {
                if (fresh.Status?.Active?.Any(a => a.Uid == job.Metadata.Uid) == true)
                {
                    active.Add(Reference(job));
                    continue;
                }
                _events.Record(
                    cron, "Warning", "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
            }
        }
        foreach (var missing in active.FindAll(a => !jobs.Exists(j => j.Metadata.Uid == a.Uid)))
        {
            if (await Client.FindAsync<V1Job>(missing.NamespaceProperty, missing.Name, cancellationToken)
                .ConfigureAwait(false) is not { } job || job.Metadata.Uid != missing.Uid)
            {
                _events.Record(cron, "Normal", "MissingJob", $"Active job went missing: {missing.Name}");
                active.Remove(missing);
            }
        }
        cron.Status.Active = active;
    }

    private async Task CleanUpAsync(V1CronJob cron, List<V1Job> jobs, CancellationToken cancellationToken)
    {
        await TrimAsync(cron, jobs.FindAll(j => Finished(j) == "Complete"), cron.Spec.SuccessfulJobsHistoryLimit, cancellationToken)
            .ConfigureAwait(false);
        await TrimAsync(cron, jobs.FindAll(j => Finished(j) == "Failed"), cron.Spec.FailedJobsHistoryLimit, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task TrimAsync(V1CronJob cron, List<V1Job> jobs, int? limit, CancellationToken cancellationToken)
    {
        if (limit is null)
        {
            return;
        }
        jobs.Sort(static (a, b) => Nullable.Compare(a.Status?.StartTime, b.Status?.StartTime) is var order && order != 0
            ? order
            : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name));
        foreach (var job in jobs.Take(Math.Max(0, jobs.Count - limit.Value)))
        {
            await DeleteJobAsync(cron, job, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ReconcileResult> ScheduleAsync(V1CronJob cron, List<V1Job> jobs, CancellationToken cancellationToken)
    {
        if (cron.Metadata.DeletionTimestamp is not null || cron.Spec.Suspend == true)
        {
            return ReconcileResult.Done;
        }
        if (TryParse(cron) is not { } schedule)
        {
            return ReconcileResult.Done;
        }
        var now = Now;
        var (due, missed) = LastDue(cron, schedule, now);
        if (missed > TooManyMissed)
        {
            _events.Record(cron, "Warning", "TooManyMissedTimes",
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        if (due is not { } scheduled || jobs.Exists(j => j.Metadata.Name == JobName(cron, scheduled)))
        {
            return Again(schedule, now);
        }
        if (cron.Spec.StartingDeadlineSeconds is { } deadline && scheduled.AddSeconds(deadline) < now)
        {
            _events.Record(
                cron, "Warning", "MissSchedule",
                $"Missed scheduled time to start a job: {scheduled.ToString("R", CultureInfo.InvariantCulture)}");
            return Again(schedule, now);
        }
        if (cron.Spec.ConcurrencyPolicy == "Forbid" && cron.Status.Active.Count > 0)
        {
            _events.Record(
                cron, "Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return Again(schedule, now);
        }
        if (cron.Spec.ConcurrencyPolicy == "Replace")
        {
            foreach (var active in jobs.FindAll(j => cron.Status.Active.Any(a => a.Uid == j.Metadata.Uid)))
            {
                await DeleteJobAsync(cron, active, cancellationToken).ConfigureAwait(false);
            }
        }
        await StartAsync(cron, scheduled, cancellationToken).ConfigureAwait(false);
        return Again(schedule, now);
    }

    private async Task StartAsync(V1CronJob cron, DateTime scheduled, CancellationToken cancellationToken)
    {
        var template = cron.Spec.JobTemplate;
        var annotations = new Dictionary<string, string>(template.Metadata?.Annotations ?? new Dictionary<string, string>())
        {
            [ScheduledAnnotation] = scheduled.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        var job = new V1Job
        {
            Metadata = new V1ObjectMeta
            {
                Name = JobName(cron, scheduled),
                NamespaceProperty = cron.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
                Annotations = annotations,
                OwnerReferences = [OwnerReferences.NewController(cron, "batch/v1", "CronJob")],
            },
            Spec = template.Spec,
        };
        try
        {
            var created = await Client.CreateAsync(job, cancellationToken).ConfigureAwait(false);
            _events.Record(cron, "Normal", "SuccessfulCreate", "Created job " + created.Metadata.Name);
            cron.Status.Active.Add(Reference(created));
            cron.Status.LastScheduleTime = scheduled;
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            // Made in a pass whose status was lost.
            var existing = await Client.GetAsync<V1Job>(job.Metadata.NamespaceProperty, job.Metadata.Name, cancellationToken)
                .ConfigureAwait(false);
            if (OwnerReferences.IsControlledBy(existing, cron))
            {
                if (Finished(existing) is null && !cron.Status.Active.Any(a => a.Uid == existing.Metadata.Uid))
                {
                    cron.Status.Active.Add(Reference(existing));
                }
                cron.Status.LastScheduleTime = scheduled;
            }
        }
        catch (ApiStatusException e) when (e.IsNamespaceTerminating)
        {
            // The namespace takes the CronJob with it.
        }
        catch (ApiStatusException e)
        {
            _events.Record(cron, "Warning", "FailedCreate", "Error creating job: " + e.Message);
            throw;
        }
    }

    private async Task DeleteJobAsync(V1CronJob cron, V1Job job, CancellationToken cancellationToken)
    {
        try
        {
            await Client.DeleteAsync<V1Job>(
                job.Metadata.NamespaceProperty, job.Metadata.Name, new V1DeleteOptions { PropagationPolicy = "Background" },
                cancellationToken).ConfigureAwait(false);
            _events.Record(cron, "Normal", "SuccessfulDelete", "Deleted job " + job.Metadata.Name);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
        cron.Status.Active = [.. cron.Status.Active.Where(a => a.Uid != job.Metadata.Uid)];
    }

    private CronSchedule? TryParse(V1CronJob cron)
    {
        var zone = TimeZoneInfo.Utc;
        if (cron.Spec.TimeZone is { } name && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone!))
        {
            _events.Record(cron, "Warning", "UnknownTimeZone", $"invalid timeZone: \"{name}\": unknown time zone {name}");
            return null;
        }
        try
        {
            return CronSchedule.Parse(cron.Spec.Schedule, zone);
        }
        catch (FormatException e)
        {
            _events.Record(cron, "Warning", "UnparseableSchedule", $"unparseable schedule: {cron.Spec.Schedule} : {e.Message}");
            return null;
        }
    }

    // The latest time that was due and not acted on, and how many there were.
    private static (DateTime? Due, int Missed) LastDue(V1CronJob cron, CronSchedule schedule, DateTime now)
    {
        var from = cron.Status.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (cron.Spec.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) > from)
        {
            from = now.AddSeconds(-deadline);
        }
        DateTime? due = null;
        var missed = 0;
        for (var next = schedule.Next(from); next is { } time && time <= now; next = schedule.Next(due.Value))
        {
            due = time;
            // Long ago: go on from yesterday instead of walking through every minute since.
            if (++missed == TooManyMissed + 1 && now.AddDays(-1) is var yesterday && yesterday > time
                && schedule.Next(yesterday) is { } recent && recent <= now)
            {
                due = recent;
            }
        }
        return (due, missed);
    }

    private static ReconcileResult Again(CronSchedule schedule, DateTime now) =>
        schedule.Next(now) is { } next ? ReconcileResult.After(next - now + s_margin) : ReconcileResult.Done;

    private static string JobName(V1CronJob cron, DateTime scheduled) =>
        cron.Metadata.Name + "-" + ((long)(scheduled - DateTime.UnixEpoch).TotalMinutes).ToString(CultureInfo.InvariantCulture);

    private static string? Finished(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c.Type is "Complete" or "Failed" && c.Status == "True")?.Type;

    private static V1ObjectReference Reference(V1Job job) => new()
    {
        Kind = "Job",
        ApiVersion = "batch/v1",
        Name = job.Metadata.Name,
        NamespaceProperty = job.Metadata.NamespaceProperty,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };
}
