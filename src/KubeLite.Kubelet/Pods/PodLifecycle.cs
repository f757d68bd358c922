using System.Globalization;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Nodes;

namespace KubeLite.Kubelet.Pods;

/// <summary>
/// Decides what a Pod's containers do next and has the driver do it: init containers in order, then the others; restarts with
/// back-off; the end in order. Belongs to the Pod's worker.
/// </summary>
internal sealed class PodLifecycle(PodHost host, NodeIdentity node, Action wake)
{
    private static readonly TimeSpan s_defaultGrace = TimeSpan.FromSeconds(30);

    private readonly PodContainers _containers = new();
    private PodSandbox? _sandbox;
    private DateTime? _startTime;
    private PodOutcome? _outcome;
    private DateTimeOffset? _killAt;
    private bool _restored;
    private bool _deadlineArmed;

    /// <summary>Whether a container runs or is about to.</summary>
    public bool IsAlive => _containers.AnyAlive;

    /// <summary>Takes in what happened and does what is due.</summary>
    public async ValueTask AdvanceAsync(
        V1Pod pod, bool gone, List<ContainerReport> reports, CancellationToken cancellationToken)
    {
        _containers.Use(pod);
        if (!_restored)
        {
            await RestoreAsync(pod, cancellationToken);
            _restored = true;
        }

        foreach (var report in reports)
        {
            Apply(pod, report);
        }

        CheckDeadline(pod);
        if (gone || pod.Metadata.DeletionTimestamp is not null || _outcome is not null)
        {
            await EndAsync(pod, gone ? TimeSpan.Zero : Grace(pod), cancellationToken);
        }
        else if (!PodConditions.IsTerminal(pod))
        {
            await ProgressAsync(pod, cancellationToken);
        }
    }

    /// <summary>The status that the API should hold; null when the Pod ended in an earlier life of the kubelet.</summary>
    public V1PodStatus? Build(V1Pod pod)
    {
        if (PodConditions.IsTerminal(pod) && _sandbox is null)
        {
            return null;
        }

        var now = host.Time.GetUtcNow().UtcDateTime;
        return PodStatusBuilder.Build(
            pod, _containers.All, _sandbox?.Address, _startTime ?? now, _outcome, pod.Metadata.DeletionTimestamp is not null, now);
    }

    /// <summary>Removes what is left of the Pod.</summary>
    public ValueTask RemoveAsync(V1Pod pod, CancellationToken cancellationToken) =>
        host.Driver.RemovePodAsync(node, pod, cancellationToken);

    private async ValueTask RestoreAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        _startTime = pod.Status?.StartTime ?? host.Time.GetUtcNow().UtcDateTime;
        _containers.Restore(pod.Status);
        foreach (var container in _containers.All)
        {
            if (container.Phase != ContainerPhase.Running)
            {
                continue;
            }

            var startedAt = new DateTimeOffset(container.StartedAt ?? _startTime.Value, TimeSpan.Zero);
            if (!await host.Driver.AdoptContainerAsync(Start(pod, container), container.Id!, startedAt, cancellationToken))
            {
                Ended(container, new ContainerReport(
                    container.Id!, ContainerChange.Exited, host.Time.GetUtcNow(), 137, "ContainerStatusUnknown",
                    "The container could not be located when the pod was terminated"));
            }
        }

        if (_containers.AnyAlive)
        {
            _sandbox = await host.Driver.EnsureSandboxAsync(node, pod, cancellationToken);
        }
    }

    private void Apply(V1Pod pod, ContainerReport report)
    {
        if (_containers.FindById(report.ContainerId) is not { IsAlive: true } container)
        {
            return;
        }

        switch (report.Change)
        {
            case ContainerChange.Running when container.Phase == ContainerPhase.Starting:
                container.Phase = ContainerPhase.Running;
                container.StartedAt = report.At.UtcDateTime;
                host.Events.Record(node, pod, container, "Normal", "Started", "Container started");
                break;
            case ContainerChange.Ready:
                container.Ready = true;
                break;
            case ContainerChange.NotReady:
                container.Ready = false;
                break;
            case ContainerChange.Exited:
                Ended(container, report);
                break;
            default:
                break;
        }
    }

    private static void Ended(ContainerRecord container, ContainerReport report)
    {
        container.Phase = ContainerPhase.Ended;
        container.Ready = false;
        container.Stopping = false;
        container.WaitingFor = null;
        container.Ended = new V1ContainerStateTerminated
        {
            ContainerID = container.Id,
            ExitCode = report.ExitCode,
            Reason = report.Reason ?? (report.ExitCode == 0 ? "Completed" : "Error"),
            Message = report.Message,
            StartedAt = container.StartedAt ?? report.At.UtcDateTime,
            FinishedAt = report.At.UtcDateTime,
        };
    }

    private async ValueTask ProgressAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        _sandbox ??= await host.Driver.EnsureSandboxAsync(node, pod, cancellationToken);
        foreach (var container in _containers.All)
        {
            if (container.Kind is not (ContainerKind.Init or ContainerKind.Sidecar))
            {
                continue;
            }

            var done = PodStatusBuilder.IsInitialized(container);
            if (!done || container.Kind == ContainerKind.Sidecar)
            {
                await StartIfDueAsync(pod, container, cancellationToken);
            }

            if (!done)
            {
                return;
            }
        }

        var allEnded = true;
        foreach (var container in _containers.All)
        {
            if (container.Kind is ContainerKind.Main or ContainerKind.Ephemeral)
            {
                await StartIfDueAsync(pod, container, cancellationToken);
            }

            allEnded &= container.Kind != ContainerKind.Main || EndedForGood(pod, container);
        }

        if (allEnded)
        {
            await StopSidecarsAsync(pod, Grace(pod), cancellationToken);
        }
    }

    private static bool EndedForGood(V1Pod pod, ContainerRecord container) =>
        container is { Phase: ContainerPhase.Ended, Ended: { } ended } && !RestartRules.Restarts(pod, container, ended.ExitCode);

    private async ValueTask StartIfDueAsync(V1Pod pod, ContainerRecord container, CancellationToken cancellationToken)
    {
        if (container.IsAlive || EndedForGood(pod, container))
        {
            return;
        }

        if (container is { Phase: ContainerPhase.Ended, Ended: { } ended })
        {
            if (!MayRestart(pod, container, ended))
            {
                return;
            }

            container.Backoff = RestartRules.NextBackoff(container);
            container.EndedBefore = ended;
            container.Ended = null;
            container.RestartCount++;
        }

        container.Phase = ContainerPhase.Starting;
        container.WaitingFor = null;
        container.NotBefore = null;
        container.StartedAt = null;
        try
        {
            var handle = await host.Driver.StartContainerAsync(Start(pod, container), cancellationToken);
            container.Id = handle.Id;
            container.ImageId = handle.ImageId;
        }
        catch (PodDriverException e)
        {
            container.Phase = ContainerPhase.Waiting;
            container.WaitingFor = new V1ContainerStateWaiting { Reason = e.Reason, Message = e.Message };
            host.Events.Record(node, pod, container, "Warning", "Failed", e.Message);
            throw;
        }

        host.Events.Record(
            node, pod, container, "Normal", "Pulled", $"Container image \"{container.Image}\" already present on machine");
        host.Events.Record(node, pod, container, "Normal", "Created", "Container created");
    }

    /// <summary>The first restart comes at once, the second 10 s after the end, and so on.</summary>
    private bool MayRestart(V1Pod pod, ContainerRecord container, V1ContainerStateTerminated ended)
    {
        var now = host.Time.GetUtcNow();
        var finished = new DateTimeOffset(ended.FinishedAt ?? now.UtcDateTime, TimeSpan.Zero);
        if (container.Backoff == TimeSpan.Zero && container.RestartCount > 0)
        {
            // The kubelet was started anew and does not remember.
            container.Backoff = RestartRules.InitialBackoff;
        }

        var due = finished + container.Backoff;
        if (now >= due)
        {
            return true;
        }

        if (container.NotBefore != due)
        {
            var where = $"{container.Name} pod={pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
            container.NotBefore = due;
            container.WaitingFor = new V1ContainerStateWaiting
            {
                Reason = "CrashLoopBackOff",
                Message = $"back-off {Text(container.Backoff)} restarting failed container={where}",
            };
            host.Events.Record(node, pod, container, "Warning", "BackOff",
                $"Back-off restarting failed container {container.Name} in pod " +
                $"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})");
            host.Deadlines.Schedule(due, wake);
        }

        return false;
    }

    private async ValueTask EndAsync(V1Pod pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        var killAt = host.Time.GetUtcNow() + grace;
        var sooner = _killAt is null || killAt < _killAt;
        if (sooner)
        {
            _killAt = killAt;
        }

        var mainsAlive = false;
        foreach (var container in _containers.All)
        {
            if (container.Kind != ContainerKind.Sidecar && container.IsAlive)
            {
                mainsAlive = true;
                await StopAsync(pod, container, again: sooner, cancellationToken);
            }
        }

        if (!mainsAlive || grace == TimeSpan.Zero)
        {
            await StopSidecarsAsync(pod, grace, cancellationToken);
        }
    }

    /// <summary>Sidecars end after the others, the last one first.</summary>
    private async ValueTask StopSidecarsAsync(V1Pod pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        _killAt ??= host.Time.GetUtcNow() + grace;
        for (var i = _containers.All.Count - 1; i >= 0; i--)
        {
            var container = _containers.All[i];
            if (container is { Kind: ContainerKind.Sidecar, IsAlive: true })
            {
                await StopAsync(pod, container, again: false, cancellationToken);
                if (grace > TimeSpan.Zero)
                {
                    return;
                }
            }
        }
    }

    private async ValueTask StopAsync(V1Pod pod, ContainerRecord container, bool again, CancellationToken cancellationToken)
    {
        if (container.Id is null || (container.Stopping && !again))
        {
            return;
        }

        if (!container.Stopping)
        {
            host.Events.Record(node, pod, container, "Normal", "Killing", $"Stopping container {container.Name}");
        }

        container.Stopping = true;
        var left = _killAt!.Value - host.Time.GetUtcNow();
        await host.Driver.StopContainerAsync(container.Id, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
    }

    private void CheckDeadline(V1Pod pod)
    {
        if (_outcome is not null || pod.Spec.ActiveDeadlineSeconds is not { } seconds || PodConditions.IsTerminal(pod))
        {
            return;
        }

        var due = new DateTimeOffset(_startTime!.Value, TimeSpan.Zero).AddSeconds(seconds);
        if (host.Time.GetUtcNow() >= due)
        {
            _outcome = new PodOutcome("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            host.Events.Record(node, pod, null, "Normal", "DeadlineExceeded", _outcome.Message);
        }
        else if (!_deadlineArmed)
        {
            _deadlineArmed = true;
            host.Deadlines.Schedule(due, wake);
        }
    }

    private static TimeSpan Grace(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is not null && pod.Metadata.DeletionGracePeriodSeconds is { } given
            ? TimeSpan.FromSeconds(given)
            : pod.Spec.TerminationGracePeriodSeconds is { } own ? TimeSpan.FromSeconds(own) : s_defaultGrace;

    private static ContainerStart Start(V1Pod pod, ContainerRecord container) =>
        new(pod, container.Name, container.Image, container.Kind, container.RestartCount);

    /// <summary>A duration as Go writes it.</summary>
    private static string Text(TimeSpan duration) => duration.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes}m{duration.Seconds}s");
}
