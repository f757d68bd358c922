using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DefaultPreemption;

/// <summary>
/// The better candidate first: fewest violated budgets, then the lowest of the highest victims' priorities, the least sum of
/// priorities, the fewest victims, the most recently started important victim.
/// </summary>
internal sealed class CandidateOrder : IComparer<Candidate>
{
    /// <summary>The only instance.</summary>
    public static readonly CandidateOrder Instance = new();

    /// <inheritdoc/>
    public int Compare(Candidate? x, Candidate? y)
    {
        var order = x!.Violations.CompareTo(y!.Violations);
        order = order != 0 ? order : Highest(x).CompareTo(Highest(y));
        order = order != 0 ? order : Sum(x).CompareTo(Sum(y));
        order = order != 0 ? order : x.Victims.Count.CompareTo(y.Victims.Count);
        return order != 0 ? order : EarliestStart(y).CompareTo(EarliestStart(x));
    }

    /// <summary>Whether one Pod matters more than another: by priority, then by who started earlier.</summary>
    public static int Importance(PodInfo x, PodInfo y)
    {
        var byPriority = y.Priority.CompareTo(x.Priority);
        return byPriority != 0 ? byPriority : Start(x).CompareTo(Start(y));
    }

    private static int Highest(Candidate candidate) => candidate.Victims.Count == 0 ? int.MinValue : candidate.Victims[0].Priority;

    private static long Sum(Candidate candidate)
    {
        long sum = 0;
        foreach (var victim in candidate.Victims)
        {
            // Shifted so that many Pods of negative priority do not look better than a few.
            sum += victim.Priority + (long)int.MaxValue + 1;
        }

        return sum;
    }

    private static DateTime EarliestStart(Candidate candidate)
    {
        var earliest = DateTime.MaxValue;
        var highest = Highest(candidate);
        foreach (var victim in candidate.Victims)
        {
            if (victim.Priority == highest && Start(victim) < earliest)
            {
                earliest = Start(victim);
            }
        }

        return earliest;
    }

    private static DateTime Start(PodInfo pod) => pod.Pod.Status?.StartTime ?? DateTime.MaxValue;
}
