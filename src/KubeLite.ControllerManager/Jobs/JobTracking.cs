using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>
/// Counts ended Pods exactly once: their uids go into the status, then their finalizers go, then the uids become
/// numbers. A crash between any two steps loses and repeats nothing.
/// </summary>
internal sealed class JobTracking(ApiClient client, IEventRecorder events, ConcurrentDictionary<string, byte> counted, JobPass pass)
{
    private V1Job _job = pass.Job;

    /// <summary>The Job as it was last written.</summary>
    internal V1Job Job => _job;

    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var status = pass.Status;
        var indexed = JobPods.IsIndexed(pass.Job);
        var succeeded = new HashSet<string>(status.UncountedTerminatedPods?.Succeeded ?? []);
        var failed = new HashSet<string>(status.UncountedTerminatedPods?.Failed ?? []);
        if (!indexed)
        {
            succeeded.UnionWith(pass.NewSucceeded.Select(p => p.Metadata.Uid));
        }
        failed.UnionWith(pass.NewFailed.Where(pass.Counts).Select(p => p.Metadata.Uid));
        status.Active = Counts.OrNull(pass.ActiveCount);
        status.Ready = pass.Ready;
        status.Terminating = pass.Terminating;
        if (indexed)
        {
            status.CompletedIndexes = pass.SucceededIndexes.Count == 0 ? null : pass.SucceededIndexes.ToString();
            status.FailedIndexes = pass.FailedIndexes?.ToString();
            status.Succeeded = Counts.OrNull(pass.SucceededIndexes.Count);
        }
        NoteTarget(status);
        var due = pass.Pods.FindAll(p => JobPods.HasFinalizer(p) && !counted.ContainsKey(p.Metadata.Uid)
            && (p.Status?.Phase == "Succeeded" || JobPods.IsFailed(p, pass.Job)
            || p.Metadata.DeletionTimestamp is not null && p.Status?.Phase == "Failed"));
        if (due.Count > 0)
        {
            status.UncountedTerminatedPods = Uncounted(succeeded, failed);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await RemoveFinalizersAsync(due, cancellationToken).ConfigureAwait(false);
        }
        Settle(status, succeeded, failed);
        var finished = Finish(status);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (finished is not null)
        {
            Tell(finished);
        }
    }

    internal static async Task RemoveFinalizerAsync(ApiClient client, V1Pod pod, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JobPods.Finalizer),
            },
        };
        try
        {
            await client.PatchAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.StrategicMerge, patch, WriteOptions.None,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsInvalid || e.IsConflict)
        {
            // This Pod is gone; another may have its name.
        }
    }

    // The way to the end is shown before the end, which waits until nothing runs any more.
    private void NoteTarget(V1JobStatus status)
    {
        if (pass.Finish is { } finish)
        {
            var type = finish.Type == JobConditions.Complete ? JobConditions.SuccessCriteriaMet : JobConditions.FailureTarget;
            if (JobConditions.FindTrue(pass.Job, type) is null)
            {
                JobConditions.Set(status, JobConditions.New(type, "True", finish.Reason, finish.Message, pass.Now));
            }
        }
    }

    private async Task RemoveFinalizersAsync(List<V1Pod> pods, CancellationToken cancellationToken)
    {
        await Task.WhenAll(pods.ConvertAll(async pod =>
        {
            counted[pod.Metadata.Uid] = 0;
            try
            {
                await RemoveFinalizerAsync(client, pod, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                counted.TryRemove(pod.Metadata.Uid, out _);
                throw;
            }
        })).ConfigureAwait(false);
    }

    // A uid whose Pod has no finalizer any more is counted for good.
    private void Settle(V1JobStatus status, HashSet<string> succeeded, HashSet<string> failed)
    {
        var open =
            pass.Pods.Where(p => JobPods.HasFinalizer(p) && !counted.ContainsKey(p.Metadata.Uid)).Select(p => p.Metadata.Uid).ToHashSet();
        var newlySucceeded = succeeded.RemoveWhere(uid => !open.Contains(uid));
        var newlyFailed = failed.RemoveWhere(uid => !open.Contains(uid));
        if (!JobPods.IsIndexed(pass.Job))
        {
            status.Succeeded = Counts.OrNull((status.Succeeded ?? 0) + newlySucceeded);
        }
        status.Failed = Counts.OrNull((status.Failed ?? 0) + newlyFailed);
        status.UncountedTerminatedPods = Uncounted(succeeded, failed);
    }

    private V1JobCondition? Finish(V1JobStatus status)
    {
        var pending = status.UncountedTerminatedPods;
        if (pass.Finish is not { } finish || pass.ActiveCount > 0 || pass.Terminating > 0 || pending?.Succeeded is { Count: > 0 }
            || pending?.Failed is { Count: > 0 })
        {
            return null;
        }
        if (finish.Type == JobConditions.Complete)
        {
            status.CompletionTime = pass.Now;
        }
        return JobConditions.Set(status, finish) ? finish : null;
    }

    private void Tell(V1JobCondition finished)
    {
        if (finished.Type == JobConditions.Complete)
        {
            events.Record(pass.Job, "Normal", "Completed", "Job completed");
        }
        else
        {
            events.Record(pass.Job, "Warning", finished.Reason, finished.Message);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (JsonCompare.Same(_job.Status, pass.Status))
        {
            return;
        }
        _job = await client.UpdateStatusAsync(_job with { Status = pass.Status with { } }, cancellationToken).ConfigureAwait(false);
    }

    private static V1UncountedTerminatedPods Uncounted(HashSet<string> succeeded, HashSet<string> failed) => new()
    {
        Succeeded = succeeded.Count == 0 ? null : [.. succeeded.Order(StringComparer.Ordinal)],
        Failed = failed.Count == 0 ? null : [.. failed.Order(StringComparer.Ordinal)],
    };
}
