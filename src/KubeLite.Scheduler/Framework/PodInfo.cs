using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Framework;

/// <summary>
/// A Pod with everything that the plugins ask of it again and again, parsed once. Immutable; an update of the Pod makes a
/// new one.
/// </summary>
internal sealed class PodInfo
{
    private NodeSelector? _affinity;
    private bool _affinityCompiled;

    /// <summary>Parses a Pod, which is not changed afterwards.</summary>
    public PodInfo(V1Pod pod)
    {
        Pod = pod;
        Key = ObjectKey.Of(pod.Metadata);
        Requests = PodResources.Requests(pod, out var nonZeroCpu, out var nonZeroMemory);
        NonZeroMilliCpu = nonZeroCpu;
        NonZeroMemory = nonZeroMemory;
        HostPorts = PodResources.HostPorts(pod);
        Tolerations = pod.Spec.Tolerations is { Count: > 0 } tolerations ? [.. tolerations] : [];
        if (pod.Spec.Affinity?.PodAffinity is { } affinity)
        {
            RequiredAffinity = AffinityTerm.Of(affinity.RequiredDuringSchedulingIgnoredDuringExecution, Namespace);
            PreferredAffinity = AffinityTerm.Of(affinity.PreferredDuringSchedulingIgnoredDuringExecution, Namespace);
        }

        if (pod.Spec.Affinity?.PodAntiAffinity is { } anti)
        {
            RequiredAntiAffinity = AffinityTerm.Of(anti.RequiredDuringSchedulingIgnoredDuringExecution, Namespace);
            PreferredAntiAffinity = AffinityTerm.Of(anti.PreferredDuringSchedulingIgnoredDuringExecution, Namespace);
        }
    }

    /// <summary>The Pod as the API holds it; not to be changed.</summary>
    public V1Pod Pod { get; }

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key { get; }

    /// <summary>The unique identity.</summary>
    public string Uid => Pod.Metadata.Uid ?? "";

    /// <summary>The namespace.</summary>
    public string Namespace => Key.Namespace;

    /// <summary>The name.</summary>
    public string Name => Key.Name;

    /// <summary>The labels; may be null.</summary>
    public IDictionary<string, string>? Labels => Pod.Metadata.Labels;

    /// <summary>The priority; 0 by default.</summary>
    public int Priority => Pod.Spec.Priority ?? 0;

    /// <summary>Whether deletion has begun.</summary>
    public bool IsTerminating => Pod.Metadata.DeletionTimestamp is not null;

    /// <summary>What the Pod requests, with overhead.</summary>
    public ResourceVector Requests { get; }

    /// <summary>Milli-CPU as scored: containers without a request count for 100.</summary>
    public long NonZeroMilliCpu { get; }

    /// <summary>Bytes of memory as scored: containers without a request count for 200 MiB.</summary>
    public long NonZeroMemory { get; }

    /// <summary>The node's ports that the Pod wants.</summary>
    public HostPort[] HostPorts { get; }

    /// <summary>The tolerations.</summary>
    public V1Toleration[] Tolerations { get; }

    /// <summary>Terms of which each must find a matching Pod in the node's domain.</summary>
    public AffinityTerm[] RequiredAffinity { get; } = [];

    /// <summary>Terms of which none may find a matching Pod in the node's domain.</summary>
    public AffinityTerm[] RequiredAntiAffinity { get; } = [];

    /// <summary>Terms that raise a node's score.</summary>
    public AffinityTerm[] PreferredAffinity { get; } = [];

    /// <summary>Terms that lower a node's score.</summary>
    public AffinityTerm[] PreferredAntiAffinity { get; } = [];

    /// <summary>Whether the Pod has any affinity or anti-affinity to Pods.</summary>
    public bool HasPodAffinity => Pod.Spec.Affinity is { PodAffinity: not null } or { PodAntiAffinity: not null };

    /// <summary>The compiled required node affinity; null when there is none.</summary>
    public NodeSelector? RequiredNodeAffinity
    {
        get
        {
            if (!_affinityCompiled)
            {
                _affinity = NodeSelector.Of(Pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
                _affinityCompiled = true;
            }

            return _affinity;
        }
    }

    /// <summary>Whether the Pod's node selector and required node affinity accept the node.</summary>
    public bool AcceptsNode(V1Node node)
    {
        if (Pod.Spec.NodeSelector is { Count: > 0 } selector)
        {
            if (node.Metadata.Labels is not { } labels)
            {
                return false;
            }

            foreach (var (key, value) in selector)
            {
                if (!labels.TryGetValue(key, out var actual) || actual != value)
                {
                    return false;
                }
            }
        }

        return RequiredNodeAffinity is not { } affinity || affinity.Matches(node);
    }

    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}
