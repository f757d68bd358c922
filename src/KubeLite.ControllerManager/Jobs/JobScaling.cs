using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>Creates or deletes Pods of a Job; never both in one pass.</summary>
internal sealed class JobScaling(JobPass pass, PodControl control, Expectations expectations, ObjectKey key)
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan s_baseDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(10);

    /// <summary>The first creation or deletion that was refused.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Deletes every Pod that still runs.</summary>
    internal Task StopAsync(CancellationToken cancellationToken) => DeleteAsync(pass.Active, cancellationToken);

    /// <summary>Brings the number of running Pods to what parallelism and completions ask for.</summary>
    internal async Task ScaleAsync(CancellationToken cancellationToken)
    {
        if (pass.Suspended)
        {
            await DeleteAsync(pass.Active, cancellationToken).ConfigureAwait(false);
            return;
        }
        var parallelism = pass.Job.Spec.Parallelism ?? 1;
        var wanted = pass.Job.Spec.Completions is null
            ? pass.Succeeded > 0 ? pass.Active.Count : parallelism
            : Math.Max(0, Math.Min(parallelism, pass.Completions - pass.Succeeded));
        var surplus = Surplus(wanted);
        if (surplus.Count > 0)
        {
            await DeleteAsync(surplus, cancellationToken).ConfigureAwait(false);
            return;
        }
        var held = JobPods.ReplacesEndedOnly(pass.Job) ? pass.Terminating : 0;
        var missing = wanted - pass.Active.Count - held;
        if (missing > 0)
        {
            await CreateAsync(Math.Min(missing, MostAtOnce), cancellationToken).ConfigureAwait(false);
        }
    }

    private List<V1Pod> Surplus(int wanted)
    {
        var surplus = new List<V1Pod>();
        var rest = new List<V1Pod>(pass.Active);
        if (JobPods.IsIndexed(pass.Job))
        {
            var seen = new HashSet<int>();
            rest.Sort(new PodRanking(new Dictionary<string, int>(), pass.Now));
            rest.Reverse();
            foreach (var pod in rest.ToList())
            {
                var index = JobPods.Index(pod);
                if (index < 0 || index >= pass.Completions || pass.SucceededIndexes.Contains(index) || !seen.Add(index))
                {
                    surplus.Add(pod);
                    rest.Remove(pod);
                }
            }
        }
        var more = rest.Count - wanted;
        if (more > 0)
        {
            rest.Sort(new PodRanking(new Dictionary<string, int>(), pass.Now));
            surplus.AddRange(rest.GetRange(0, Math.Min(more, MostAtOnce)));
        }
        return surplus;
    }

    private async Task CreateAsync(int count, CancellationToken cancellationToken)
    {
        List<int>? indexes = null;
        if (JobPods.IsIndexed(pass.Job))
        {
            indexes = JobIndexes.Next(pass, pass.Job.Spec.BackoffLimitPerIndex is null ? count : int.MaxValue);
            indexes = indexes.FindAll(index => pass.Job.Spec.BackoffLimitPerIndex is null || Waited(p => JobPods.Index(p) == index));
            count = Math.Min(count, indexes.Count);
        }
        if (count == 0 || (pass.Job.Spec.BackoffLimitPerIndex is null && !Waited(static _ => true)))
        {
            return;
        }
        expectations.ExpectCreations(key, count);
        var controller = OwnerReferences.NewController(pass.Job, "batch/v1", "Job");
        var (succeeded, failure) = await SlowStart.RunAsync(count, async i =>
        {
            int? index = indexes is null ? null : indexes[i];
            var pod = JobPods.New(pass.Job, controller, index, index is { } number ? JobIndexes.Failures(pass, number) : null);
            try
            {
                await control.CreateAsync(pod, pass.Job, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNamespaceTerminating)
            {
                expectations.CreationObserved(key);
            }
        }).ConfigureAwait(false);
        expectations.CreationObserved(key, failure is null ? 0 : count - succeeded);
        pass.ActiveCount += succeeded;
        Failure ??= failure;
    }

    // Whether the back-off after the failures since the last success is over; if not, comes back when it is.
    private bool Waited(Func<V1Pod, bool> concerns)
    {
        DateTime? lastSuccess = null;
        foreach (var pod in pass.Pods)
        {
            if (pod.Status?.Phase == "Succeeded" && concerns(pod) && JobPods.EndOf(pod, pass.Now) is var end
                && (lastSuccess is null || end > lastSuccess))
            {
                lastSuccess = end;
            }
        }
        var failures = 0;
        var last = DateTime.MinValue;
        foreach (var pod in pass.Pods)
        {
            if (JobPods.IsFailed(pod, pass.Job) && concerns(pod) && JobPods.EndOf(pod, pass.Now) is var end
                && (lastSuccess is null || end > lastSuccess))
            {
                failures++;
                last = end > last ? end : last;
            }
        }
        if (failures == 0)
        {
            return true;
        }
        var delay = s_baseDelay * Math.Pow(2, Math.Min(failures - 1, 10));
        var left = (delay > s_longestDelay ? s_longestDelay : delay) - (pass.Now - last);
        if (left <= TimeSpan.Zero)
        {
            return true;
        }
        pass.CheckAfter(left);
        return false;
    }

    private async Task DeleteAsync(List<V1Pod> pods, CancellationToken cancellationToken)
    {
        if (pods.Count == 0)
        {
            return;
        }
        expectations.ExpectDeletions(key, pods.Select(p => p.Metadata.Uid));
        foreach (var (pod, task) in pods.ConvertAll(pod => (pod, control.DeleteAsync(pod, pass.Job, cancellationToken))))
        {
            try
            {
                await task.ConfigureAwait(false);
                pass.ActiveCount--;
                pass.Terminating++;
                pass.Ready -= PodConditions.IsReady(pod) ? 1 : 0;
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
            {
                expectations.DeletionObserved(key, pod.Metadata.Uid);
                Failure ??= e;
            }
        }
    }
}
