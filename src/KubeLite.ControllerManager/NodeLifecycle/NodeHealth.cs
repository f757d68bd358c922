using System.Collections.Concurrent;
using k8s.Models;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>When each node was last heard of, by this process' clock; nodes' own clocks are not trusted. Thread-safe.</summary>
internal sealed class NodeHealth(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _heard = new(StringComparer.Ordinal);

    internal void Heard(string node) => _heard[node] = time.GetTimestamp();

    internal void Forget(string node) => _heard.TryRemove(node, out _);

    internal bool IsSilent(string node, TimeSpan grace) => Left(node, grace) <= TimeSpan.Zero;

    /// <summary>How long until the node counts as silent if nothing is heard.</summary>
    internal TimeSpan Left(string node, TimeSpan grace) => grace - time.GetElapsedTime(_heard.GetOrAdd(node, _ => time.GetTimestamp()));

    internal static V1NodeCondition? Condition(V1Node? node, string type) => node?.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    internal static DateTime? Heartbeat(V1Node node) =>
        Condition(node, "Ready") is { Status: not "Unknown" } ready ? ready.LastHeartbeatTime : null;
}
