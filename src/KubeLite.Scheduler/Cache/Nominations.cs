using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cache;

/// <summary>
/// Which waiting Pods are to get room on which node, because preemption makes it for them. Belongs to the scheduling loop.
/// </summary>
internal sealed class Nominations
{
    private readonly Dictionary<string, (PodInfo Pod, string Node)> _byPod = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PodInfo>> _byNode = new(StringComparer.Ordinal);

    /// <summary>Notes a Pod's nominated node; empty or null forgets it.</summary>
    public void Set(PodInfo pod, string? node)
    {
        Remove(pod.Uid);
        if (string.IsNullOrEmpty(node))
        {
            return;
        }

        _byPod[pod.Uid] = (pod, node);
        if (!_byNode.TryGetValue(node, out var pods))
        {
            _byNode[node] = pods = [];
        }

        pods.Add(pod);
    }

    /// <summary>Forgets a Pod.</summary>
    public void Remove(string uid)
    {
        if (!_byPod.Remove(uid, out var nominated) || !_byNode.TryGetValue(nominated.Node, out var pods))
        {
            return;
        }

        pods.Remove(nominated.Pod);
        if (pods.Count == 0)
        {
            _byNode.Remove(nominated.Node);
        }
    }

    /// <summary>The node of a Pod; null when it has none.</summary>
    public string? Of(string uid) => _byPod.TryGetValue(uid, out var nominated) ? nominated.Node : null;

    /// <summary>The Pods of a node; null when it has none.</summary>
    public List<PodInfo>? On(string node) => _byNode.GetValueOrDefault(node);

    /// <summary>The Pods of a node whose priority is lower.</summary>
    public IReadOnlyList<PodInfo> LesserOn(string node, int priority)
    {
        var result = new List<PodInfo>();
        foreach (var pod in On(node) ?? [])
        {
            if (pod.Priority < priority)
            {
                result.Add(pod);
            }
        }

        return result;
    }
}
