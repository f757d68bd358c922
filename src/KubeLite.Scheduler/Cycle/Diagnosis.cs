using System.Globalization;
using System.Text;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cycle;

/// <summary>Why a Pod fits nowhere, and the words for it (kube-scheduler <c>framework.FitError</c>).</summary>
internal sealed class Diagnosis
{
    private readonly Dictionary<string, Status> _statuses = new(StringComparer.Ordinal);

    /// <summary>Begins a diagnosis.</summary>
    /// <param name="nodeCount">How many nodes there are.</param>
    public Diagnosis(int nodeCount) => NodeCount = nodeCount;

    /// <summary>How many nodes there are.</summary>
    public int NodeCount { get; }

    /// <summary>The answer that stands for every node without one of its own.</summary>
    public Status AbsentNodes { get; set; } = Status.Unresolvable("");

    /// <summary>The plugins that rejected the Pod, by name.</summary>
    public HashSet<string> Plugins { get; } = new(StringComparer.Ordinal);

    /// <summary>Why PreFilter rejected the Pod on every node; empty when it did not.</summary>
    public string PreFilterMessage { get; set; } = "";

    /// <summary>What PostFilter had to say.</summary>
    public string PostFilterMessage { get; set; } = "";

    /// <summary>Notes why a node was rejected.</summary>
    public void Set(string node, Status status)
    {
        _statuses[node] = status;
        Note(status);
    }

    /// <summary>Notes which plugin rejected.</summary>
    public void Note(Status status)
    {
        if (status.IsRejected && status.Plugin.Length > 0)
        {
            Plugins.Add(status.Plugin);
        }
    }

    /// <summary>Why a node was rejected.</summary>
    public Status Of(string node) => _statuses.GetValueOrDefault(node, AbsentNodes);

    /// <summary>The nodes where removing Pods might help.</summary>
    public List<NodeInfo> Resolvable(ClusterNodes nodes)
    {
        var result = new List<NodeInfo>();
        foreach (var node in nodes.All)
        {
            if (Of(node.Name).Code == StatusCode.Unschedulable)
            {
                result.Add(node);
            }
        }

        return result;
    }

    /// <summary>The message of the PodScheduled condition and of the FailedScheduling event.</summary>
    public string Message()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"0/{NodeCount} nodes are available:");
        if (PreFilterMessage.Length > 0)
        {
            text.Append(' ').Append(PreFilterMessage).Append('.');
        }
        else
        {
            AppendHistogram(text);
        }

        if (PostFilterMessage.Length > 0)
        {
            text.Append(' ').Append(PostFilterMessage);
        }

        return text.ToString();
    }

    private void AppendHistogram(StringBuilder text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var status in _statuses.Values)
        {
            foreach (var reason in status.Reasons)
            {
                counts[reason] = counts.GetValueOrDefault(reason) + 1;
            }
        }

        var absent = NodeCount - _statuses.Count;
        if (absent > 0)
        {
            foreach (var reason in AbsentNodes.Reasons)
            {
                counts[reason] = counts.GetValueOrDefault(reason) + absent;
            }
        }

        if (counts.Count == 0)
        {
            return;
        }

        var lines = new List<string>(counts.Count);
        foreach (var (reason, count) in counts)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {reason}"));
        }

        lines.Sort(StringComparer.Ordinal);
        text.Append(' ').AppendJoin(", ", lines).Append('.');
    }
}
