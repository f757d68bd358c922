using System.Collections.Concurrent;
using Xunit;

namespace KubeLite.System.Tests.Faults;

/// <summary>What writers were told and what watchers saw, and the rules that hold between the two. Safe for concurrent use.</summary>
internal sealed class WriteHistory
{
    private readonly ConcurrentBag<Acknowledged> _acknowledged = [];
    private readonly ConcurrentBag<string> _violations = [];
    private long _unknown;

    /// <summary>How many writes were acknowledged.</summary>
    public int Count => _acknowledged.Count;

    /// <summary>How many writes ended without a word about their fate.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    /// <summary>Notes an answer of success. A deletion has no revision of its own: 0.</summary>
    public void Acknowledge(string kind, string name, long sequence, long revision) =>
        _acknowledged.Add(new(kind, name, sequence, revision));

    /// <summary>Notes a write that may or may not have taken place.</summary>
    public void NoteUnknown() => Interlocked.Increment(ref _unknown);

    /// <summary>Notes that a rule was broken.</summary>
    public void Violate(string what) => _violations.Add(what);

    /// <summary>Fails with every violation that was noted or is found now.</summary>
    /// <param name="watchers">What was watched.</param>
    /// <param name="when">What happened before, for the message.</param>
    public void Check(IEnumerable<WatchRecorder> watchers, string when)
    {
        CheckRevisions();
        foreach (WatchRecorder watcher in watchers)
        {
            foreach (WatchSegment segment in watcher.Segments)
            {
                CheckOrder(segment, watcher.Name);
                CheckCoverage(segment, watcher.Name);
            }
        }

        string[] found = [.. _violations];
        Assert.True(found.Length == 0, $"{when}: {found.Length} violations: {string.Join("\n", found.Take(20))}");
    }

    private void CheckRevisions()
    {
        foreach (IGrouping<long, Acknowledged> same in _acknowledged.Where(a => a.Revision > 0)
            .GroupBy(a => a.Revision)
            .Where(g => g.Count() > 1))
        {
            Violate($"revision {same.Key} was given to {string.Join(" and ", same)}");
        }

        foreach (IGrouping<string, Acknowledged> writes in _acknowledged.Where(a => a.Revision > 0).GroupBy(a => a.Name))
        {
            Acknowledged[] order = [.. writes.OrderBy(a => a.Sequence)];
            for (int i = 1; i < order.Length; i++)
            {
                if (order[i].Revision <= order[i - 1].Revision)
                {
                    Violate($"{order[i]} follows {order[i - 1]}: the revision went back");
                }
            }
        }
    }

    /// <summary>Events come in order, none twice, and each object's life is a sequence that can be.</summary>
    private void CheckOrder(WatchSegment segment, string watcher)
    {
        long last = segment.From;
        var alive = new HashSet<string>(segment.Names);
        var sequences = new Dictionary<string, long>();
        foreach (WatchedEvent e in segment.Events)
        {
            if (e.Revision <= last)
            {
                Violate($"{watcher}: {e} came after revision {last}");
            }

            last = e.Revision;
            bool fits = e.Type switch
            {
                "ADDED" => alive.Add(e.Name),
                "MODIFIED" => alive.Contains(e.Name),
                "DELETED" => alive.Remove(e.Name),
                _ => false,
            };
            if (!fits)
            {
                Violate($"{watcher}: {e} does not follow from what was watched before");
            }

            if (e.Type != "DELETED" && sequences.TryGetValue(e.Name, out long before) && e.Sequence <= before)
            {
                Violate($"{watcher}: {e} has older content than before ({before})");
            }

            sequences[e.Name] = e.Sequence;
        }
    }

    /// <summary>Every acknowledged write of the time that was watched was seen, with its own revision and content.</summary>
    private void CheckCoverage(WatchSegment segment, string watcher)
    {
        Dictionary<long, WatchedEvent> byRevision = segment.Events.GroupBy(e => e.Revision).ToDictionary(g => g.Key, g => g.First());
        foreach (Acknowledged write in _acknowledged.Where(a => a.Revision > segment.From && a.Revision <= segment.To))
        {
            if (!byRevision.TryGetValue(write.Revision, out WatchedEvent? seen))
            {
                Violate($"{watcher} ({segment.From} to {segment.To}) never saw {write}");
            }
            else if (seen.Name != write.Name || seen.Sequence != write.Sequence)
            {
                Violate($"{watcher} saw {seen} in place of {write}");
            }
        }
    }

    private sealed record Acknowledged(string Kind, string Name, long Sequence, long Revision);
}
