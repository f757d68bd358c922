using k8s.Models;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.PodTopologySpread;

/// <summary>Finds the Pods that belong together with a Pod: those of its Services and of its controller.</summary>
internal sealed class DefaultSelector(ClusterListers listers)
{
    /// <summary>The selector of the siblings; null when the Pod has none.</summary>
    public LabelMatcher? Of(PodInfo pod)
    {
        LabelMatcher? result = null;
        if (pod.Labels is { Count: > 0 })
        {
            foreach (var service in listers.Services.List(pod.Namespace))
            {
                if (service.Spec?.Selector is { Count: > 0 } equalities
                    && LabelMatcher.OfEqualities(equalities) is var selector && selector.Matches(pod.Labels))
                {
                    result = result is null ? selector : result.And(selector);
                }
            }
        }

        if (OfController(pod) is { } owner)
        {
            result = result is null ? owner : result.And(owner);
        }

        return result;
    }

    private LabelMatcher? OfController(PodInfo pod)
    {
        foreach (var owner in pod.Pod.Metadata.OwnerReferences ?? [])
        {
            if (owner.Controller == true)
            {
                return Of(owner, pod.Namespace);
            }
        }

        return null;
    }

    private LabelMatcher? Of(V1OwnerReference owner, string ns) => owner.Kind switch
    {
        "ReplicaSet" => Of(listers.ReplicaSets.Find(ns, owner.Name)?.Spec?.Selector),
        "StatefulSet" => Of(listers.StatefulSets.Find(ns, owner.Name)?.Spec?.Selector),
        "ReplicationController" =>
            listers.ReplicationControllers.Find(ns, owner.Name)?.Spec?.Selector is { Count: > 0 } equalities
                ? LabelMatcher.OfEqualities(equalities)
                : null,
        _ => null,
    };

    private static LabelMatcher? Of(V1LabelSelector? selector) =>
        LabelMatcher.Of(selector) is { IsEmpty: false } matcher && matcher != LabelMatcher.Nothing ? matcher : null;
}
