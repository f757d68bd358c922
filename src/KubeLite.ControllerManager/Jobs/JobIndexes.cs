using k8s.Models;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>What indexed Jobs decide by index: limits, success policy, and which indexes are next.</summary>
internal static class JobIndexes
{
    /// <summary>The indexes that are given up; null where the Job has no limit per index.</summary>
    internal static IndexSet? Failed(JobPass pass)
    {
        if (pass.Job.Spec.BackoffLimitPerIndex is not { } limit || !JobPods.IsIndexed(pass.Job))
        {
            return null;
        }
        var failed = IndexSet.Parse(pass.Status.FailedIndexes, pass.Completions);
        foreach (var pod in pass.Pods.Where(p => JobPods.IsFailed(p, pass.Job)))
        {
            var index = JobPods.Index(pod);
            var rule = PodFailureRules.Find(pass.Job.Spec.PodFailurePolicy, pod);
            var counts = rule?.Action != "Ignore" && (JobPods.Number(pod, JobPods.FailureCountAnnotation) ?? 0) >= limit;
            if (index >= 0 && index < pass.Completions && (rule?.Action == "FailIndex" || counts) && !pass.SucceededIndexes.Contains(index))
            {
                failed.Add(index);
            }
        }
        return failed;
    }

    /// <summary>How often an index failed so far, for its next Pod; null where that isn't counted.</summary>
    internal static int? Failures(JobPass pass, int index)
    {
        if (pass.Job.Spec.BackoffLimitPerIndex is null)
        {
            return null;
        }
        var most = 0;
        foreach (var pod in pass.Pods.Where(p => JobPods.Index(p) == index && JobPods.IsFailed(p, pass.Job)))
        {
            most = Math.Max(most, (JobPods.Number(pod, JobPods.FailureCountAnnotation) ?? 0) + (pass.Counts(pod) ? 1 : 0));
        }
        return most;
    }

    /// <summary>The first rule of the success policy that is met, or null.</summary>
    internal static int? MatchedRule(V1Job job, IndexSet succeeded)
    {
        var rules = job.Spec.SuccessPolicy?.Rules;
        for (var i = 0; i < (rules?.Count ?? 0); i++)
        {
            var rule = rules![i];
            if (rule.SucceededIndexes is null)
            {
                if (succeeded.Count >= rule.SucceededCount)
                {
                    return i;
                }
                continue;
            }
            var wanted = IndexSet.Parse(rule.SucceededIndexes, job.Spec.Completions ?? 0);
            var met = Enumerable.Range(0, job.Spec.Completions ?? 0).Count(index => wanted.Contains(index) && succeeded.Contains(index));
            if (met >= (rule.SucceededCount ?? wanted.Count))
            {
                return i;
            }
        }
        return null;
    }

    /// <summary>The lowest indexes that neither run, succeeded nor are given up.</summary>
    internal static List<int> Next(JobPass pass, int count)
    {
        var taken = pass.Active.Select(JobPods.Index).ToHashSet();
        if (JobPods.ReplacesEndedOnly(pass.Job))
        {
            taken.UnionWith(pass.Pods.Where(JobPods.IsTerminating).Select(JobPods.Index));
        }
        var next = new List<int>();
        for (var index = 0; index < pass.Completions && next.Count < count; index++)
        {
            if (!taken.Contains(index) && !pass.SucceededIndexes.Contains(index) && pass.FailedIndexes?.Contains(index) != true)
            {
                next.Add(index);
            }
        }
        return next;
    }
}
