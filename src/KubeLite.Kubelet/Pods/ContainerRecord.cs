using k8s.Models;
using KubeLite.Kubelet.Drivers;

namespace KubeLite.Kubelet.Pods;

/// <summary>What the kubelet knows of one container. Belongs to its Pod's worker.</summary>
internal sealed class ContainerRecord
{
    /// <summary>Makes the record of a container that has never run.</summary>
    public ContainerRecord(string name, string image, ContainerKind kind, V1Container? spec)
    {
        Name = name;
        Image = image;
        Kind = kind;
        Spec = spec;
    }

    /// <summary>Its name in the Pod.</summary>
    public string Name { get; }

    /// <summary>The image that the Pod names.</summary>
    public string Image { get; set; }

    /// <summary>Its part in the Pod.</summary>
    public ContainerKind Kind { get; }

    /// <summary>Its specification; null for an ephemeral container.</summary>
    public V1Container? Spec { get; set; }

    /// <summary>How far it is.</summary>
    public ContainerPhase Phase { get; set; }

    /// <summary>The runtime's identity of its latest run; null before the first.</summary>
    public string? Id { get; set; }

    /// <summary>What the image name resolved to.</summary>
    public string? ImageId { get; set; }

    /// <summary>When its process started.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>Whether it is ready.</summary>
    public bool Ready { get; set; }

    /// <summary>How often it was started again.</summary>
    public int RestartCount { get; set; }

    /// <summary>How its latest run ended, once it has.</summary>
    public V1ContainerStateTerminated? Ended { get; set; }

    /// <summary>How the run before the latest ended.</summary>
    public V1ContainerStateTerminated? EndedBefore { get; set; }

    /// <summary>Why it waits, when not for its turn; for example <c>CrashLoopBackOff</c>.</summary>
    public V1ContainerStateWaiting? WaitingFor { get; set; }

    /// <summary>Before this time it is not started again.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>The back-off before the next restart; zero before the first.</summary>
    public TimeSpan Backoff { get; set; }

    /// <summary>Whether it was asked to end.</summary>
    public bool Stopping { get; set; }

    /// <summary>Whether it runs or is about to.</summary>
    public bool IsAlive => Phase is ContainerPhase.Starting or ContainerPhase.Running;

    /// <summary>Takes over what the API knows, after the kubelet was started again.</summary>
    public void Restore(V1ContainerStatus status)
    {
        Id = string.IsNullOrEmpty(status.ContainerID) ? null : status.ContainerID;
        ImageId = string.IsNullOrEmpty(status.ImageID) ? null : status.ImageID;
        RestartCount = status.RestartCount;
        EndedBefore = status.LastState?.Terminated;
        Ready = status.Ready;
        if (status.State?.Terminated is { } ended)
        {
            Phase = ContainerPhase.Ended;
            Ended = ended;
            StartedAt = ended.StartedAt;
        }
        else if (status.State?.Running is { } running && Id is not null)
        {
            Phase = ContainerPhase.Running;
            StartedAt = running.StartedAt;
        }
        else if (status.State?.Waiting?.Reason == "CrashLoopBackOff")
        {
            // The end of its last run is its last state by now.
            Phase = ContainerPhase.Ended;
            Ended = EndedBefore;
            WaitingFor = status.State.Waiting;
        }
    }
}
