using k8s.Models;
using KubeLite.Kubelet.Drivers;

namespace KubeLite.Kubelet.Pods;

/// <summary>The records of a Pod's containers, init containers first, each group in the Pod's order. Belongs to the worker.</summary>
internal sealed class PodContainers
{
    private readonly List<ContainerRecord> _all = [];

    /// <summary>Every record.</summary>
    public IReadOnlyList<ContainerRecord> All => _all;

    /// <summary>Whether any runs or is about to.</summary>
    public bool AnyAlive
    {
        get
        {
            foreach (var container in _all)
            {
                if (container.IsAlive)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes the newest specification; ephemeral containers may come, images and resources may change.</summary>
    public void Use(V1Pod pod)
    {
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            Use(container, container.RestartPolicy == "Always" ? ContainerKind.Sidecar : ContainerKind.Init);
        }

        foreach (var container in pod.Spec.Containers ?? [])
        {
            Use(container, ContainerKind.Main);
        }

        foreach (var container in pod.Spec.EphemeralContainers ?? [])
        {
            if (Find(container.Name) is null)
            {
                _all.Add(new ContainerRecord(container.Name, container.Image ?? "", ContainerKind.Ephemeral, null));
            }
        }
    }

    /// <summary>The record of a name; null when there is none.</summary>
    public ContainerRecord? Find(string name) => _all.Find(container => container.Name == name);

    /// <summary>The record whose latest run has an identity; null when there is none.</summary>
    public ContainerRecord? FindById(string id) => _all.Find(container => container.Id == id);

    /// <summary>Takes over what the API knows of the containers.</summary>
    public void Restore(V1PodStatus? status)
    {
        foreach (var statuses in (ReadOnlySpan<IList<V1ContainerStatus>?>)
            [status?.InitContainerStatuses, status?.ContainerStatuses, status?.EphemeralContainerStatuses])
        {
            foreach (var container in statuses ?? [])
            {
                Find(container.Name)?.Restore(container);
            }
        }
    }

    private void Use(V1Container spec, ContainerKind kind)
    {
        if (Find(spec.Name) is { } known)
        {
            known.Spec = spec;
            known.Image = spec.Image ?? "";
        }
        else
        {
            _all.Add(new ContainerRecord(spec.Name, spec.Image ?? "", kind, spec));
        }
    }
}
