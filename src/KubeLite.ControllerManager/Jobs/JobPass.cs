using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>
/// One look at one Job: who of its Pods runs, ended or failed, and whether that ends the Job. It holds the status as it
/// is to be written.
/// </summary>
internal sealed class JobPass
{
    private readonly ConcurrentDictionary<string, byte> _counted;
    private readonly HashSet<string> _uncounted;

    internal JobPass(V1Job job, List<V1Pod> pods, ConcurrentDictionary<string, byte> counted, DateTime now)
    {
        Job = job;
        Pods = pods;
        Now = now;
        _counted = counted;
        Status = job.Status is null ? new V1JobStatus() : job.Status with { };
        var pending = Status.UncountedTerminatedPods;
        _uncounted = [.. pending?.Succeeded ?? [], .. pending?.Failed ?? []];
        Active = pods.FindAll(PodConditions.IsActive);
        Ready = Active.Count(PodConditions.IsReady);
        Terminating = pods.Count(JobPods.IsTerminating);
        NewSucceeded = pods.FindAll(p => IsNew(p) && p.Status?.Phase == "Succeeded");
        NewFailed = pods.FindAll(p => IsNew(p) && JobPods.IsFailed(p, job));
        Status.StartTime ??= Suspended ? null : now;
    }

    internal V1Job Job { get; }

    internal List<V1Pod> Pods { get; }

    internal DateTime Now { get; }

    internal V1JobStatus Status { get; }

    internal List<V1Pod> Active { get; }

    /// <summary>Pods that run or will after this pass.</summary>
    internal int ActiveCount { get; set; }

    internal int Ready { get; set; }

    internal int Terminating { get; set; }

    /// <summary>Pods that ended and are neither counted nor about to be.</summary>
    internal List<V1Pod> NewSucceeded { get; }

    internal List<V1Pod> NewFailed { get; }

    internal int Succeeded { get; private set; }

    internal int Failed { get; private set; }

    /// <summary>Of an indexed Job: what succeeded so far.</summary>
    internal IndexSet SucceededIndexes { get; private set; } = new();

    /// <summary>Of a Job with a back-off limit per index: what is given up.</summary>
    internal IndexSet? FailedIndexes { get; private set; }

    /// <summary>The final condition that the Job is on its way to, or null.</summary>
    internal V1JobCondition? Finish { get; private set; }

    internal TimeSpan? NextCheck { get; private set; }

    internal bool Suspended => Job.Spec.Suspend == true;

    internal int Completions => Job.Spec.Completions ?? int.MaxValue;

    /// <summary>Counts, and decides whether the Job has failed or met its success policy.</summary>
    internal void Judge()
    {
        ActiveCount = Active.Count;
        Succeeded = (Status.Succeeded ?? 0) + NewSucceeded.Count + (Status.UncountedTerminatedPods?.Succeeded?.Count ?? 0);
        Failed = (Status.Failed ?? 0) + NewFailed.Count(p => Counts(p)) + (Status.UncountedTerminatedPods?.Failed?.Count ?? 0);
        if (JobPods.IsIndexed(Job))
        {
            SucceededIndexes = IndexSet.Parse(Status.CompletedIndexes, Completions);
            foreach (var pod in NewSucceeded.Where(p => JobPods.Index(p) is >= 0 and var index && index < Completions))
            {
                SucceededIndexes.Add(JobPods.Index(pod));
            }
            Succeeded = SucceededIndexes.Count;
        }
        FailedIndexes = JobIndexes.Failed(this);
        Finish = Earlier() ?? Failure() ?? SuccessPolicy();
        if (Finish is null && !Suspended && Job.Spec.ActiveDeadlineSeconds is { } seconds && Status.StartTime is { } start)
        {
            CheckAfter(start.AddSeconds(seconds) - Now);
        }
    }

    /// <summary>Decides whether enough Pods have succeeded.</summary>
    internal void JudgeCompletion()
    {
        var complete = Job.Spec.Completions is null ? Succeeded > 0 && ActiveCount == 0 : Succeeded >= Completions;
        if (complete)
        {
            Finish = JobConditions.New(
                JobConditions.Complete, "True", "CompletionsReached", "Reached expected number of succeeded pods", Now);
        }
    }

    /// <summary>Follows a suspension or its end in the conditions.</summary>
    internal void NoteSuspension(IEventRecorder events)
    {
        var (status, reason, message) = Suspended ? ("True", "JobSuspended", "Job suspended") : ("False", "JobResumed", "Job resumed");
        if (!JobConditions.Set(Status, JobConditions.New(JobConditions.Suspended, status, reason, message, Now)))
        {
            return;
        }
        events.Record(Job, "Normal", Suspended ? "Suspended" : "Resumed", message);
        if (!Suspended)
        {
            // The deadline counts from the resumption.
            Status.StartTime = Now;
        }
    }

    /// <summary>Comes back after a time, or earlier.</summary>
    internal void CheckAfter(TimeSpan delay)
    {
        // Times in the API are whole seconds.
        delay = (delay > TimeSpan.Zero ? delay : TimeSpan.Zero) + TimeSpan.FromMilliseconds(100);
        NextCheck = NextCheck is { } earlier && earlier < delay ? earlier : delay;
    }

    /// <summary>Whether a failed Pod counts towards the back-off limit.</summary>
    internal bool Counts(V1Pod pod) => PodFailureRules.Find(Job.Spec.PodFailurePolicy, pod)?.Action != "Ignore";

    private bool IsNew(V1Pod pod) =>
        JobPods.HasFinalizer(pod) && !_counted.ContainsKey(pod.Metadata.Uid) && !_uncounted.Contains(pod.Metadata.Uid);

    // What was decided in an earlier pass stays decided.
    private V1JobCondition? Earlier()
    {
        if (JobConditions.FindTrue(Job, JobConditions.SuccessCriteriaMet) is { } met)
        {
            return JobConditions.New(JobConditions.Complete, "True", met.Reason, met.Message, Now);
        }
        return JobConditions.FindTrue(Job, JobConditions.FailureTarget) is { } target
            ? JobConditions.New(JobConditions.Failed, "True", target.Reason, target.Message, Now)
            : null;
    }

    private V1JobCondition? Failure()
    {
        foreach (var pod in Pods.Where(p => JobPods.IsFailed(p, Job)))
        {
            if (PodFailureRules.Find(Job.Spec.PodFailurePolicy, pod) is { Action: "FailJob" } match)
            {
                return Fail("PodFailurePolicy", match.Message);
            }
        }
        var limit = Job.Spec.BackoffLimit ?? 6;
        if (Failed > limit || PastLimitOnRestarts(limit))
        {
            return Fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        if (!Suspended && Job.Spec.ActiveDeadlineSeconds is { } seconds && Status.StartTime is { } start
            && Now - start >= TimeSpan.FromSeconds(seconds))
        {
            return Fail("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        if (FailedIndexes is { Count: > 0 } failed)
        {
            if (Job.Spec.MaxFailedIndexes is { } most && failed.Count > most)
            {
                return Fail("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
            }
            if (failed.Count + Succeeded >= Completions)
            {
                return Fail("FailedIndexes", "Job has failed indexes");
            }
        }
        return null;
    }

    private V1JobCondition? SuccessPolicy() =>
        JobPods.IsIndexed(Job) && JobIndexes.MatchedRule(Job, SucceededIndexes) is { } rule
            ? JobConditions.New(JobConditions.Complete, "True", "SuccessPolicy", $"Matched rules at index {rule}", Now)
            : null;

    // Containers that restart in place count too where the template lets them.
    private bool PastLimitOnRestarts(int limit)
    {
        if (Job.Spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }
        var restarts = 0;
        foreach (var pod in Pods.Where(p => p.Status?.Phase is "Running" or "Pending"))
        {
            restarts += (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? []).Sum(s => s.RestartCount);
        }
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private V1JobCondition Fail(string reason, string message) => JobConditions.New(JobConditions.Failed, "True", reason, message, Now);
}
