using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>
/// The <c>job-controller</c>: runs Pods of a Job until enough have succeeded or it has failed (pkg/controller/job). Every
/// Pod keeps a finalizer until it is counted, so that none is missed or counted twice.
/// </summary>
public sealed class JobController : ObjectController
{
    private static readonly TimeSpan s_cacheDelay = TimeSpan.FromSeconds(1);

    private readonly SharedInformer<V1Job> _jobs;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly IEventRecorder _events;
    private readonly PodControl _control;
    private readonly Expectations _expectations;

    // Pods whose finalizer is removed though the cache doesn't show it yet, by uid.
    private readonly ConcurrentDictionary<string, byte> _counted = new(StringComparer.Ordinal);

    // The version of each Job after our last write. A cache behind it still counts a Pod as missing that we counted as done.
    private readonly ConcurrentDictionary<ObjectKey, ulong> _written = new();

    /// <summary>Asks for the informers.</summary>
    public JobController(ControllerContext context) : base(context, "job-controller", context.Options.ConcurrentSyncs)
    {
        _events = NewRecorder();
        _control = new PodControl(context.Client, _events);
        _expectations = new Expectations(context.Time);
        _jobs = Watch<V1Job>();
        _pods = Watch<V1Pod>();
        _jobs.AddHandler(new ResourceEventHandler<V1Job>(Enqueue, (_, job) => Enqueue(job), job =>
        {
            _expectations.Forget(job.Key);
            Enqueue(job);
        }));
        _pods.AddHandler(EnqueueOwner<V1Pod>("Job", Observe));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var job = _jobs.Store.Get(key);
        if (job is null)
        {
            _expectations.Forget(key);
            _written.TryRemove(key, out _);
            await ReleaseOrphansAsync(key, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        if (_written.TryGetValue(key, out var written) && Version(job) < written)
        {
            // The event that shows the write brings the Job back.
            return ReconcileResult.After(s_cacheDelay);
        }
        if (job.Spec.Selector is null || LabelSelectors.IsEmpty(job.Spec.Selector))
        {
            // The API server gives every Job a selector of its own; without one no Pod could be told from any other's.
            throw new TerminalReconcileException($"The Job {key} has no selector.");
        }
        if (job.Spec.ManagedBy is { Length: > 0 } manager && manager != "kubernetes.io/job-controller")
        {
            return ReconcileResult.Done;
        }
        if (JobConditions.IsFinished(job))
        {
            await ReleaseFinishedAsync(job, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        var satisfied = _expectations.Satisfied(key);
        var pods = await ClaimAsync(job, cancellationToken).ConfigureAwait(false);
        var pass = new JobPass(job, pods, _counted, Now);
        pass.Judge();
        var scaling = new JobScaling(pass, _control, _expectations, key);
        if (pass.Finish is not null)
        {
            await scaling.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (satisfied && job.Metadata.DeletionTimestamp is null)
        {
            await scaling.ScaleAsync(cancellationToken).ConfigureAwait(false);
            pass.JudgeCompletion();
            if (pass.Finish is not null)
            {
                await scaling.StopAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                pass.NoteSuspension(_events);
            }
        }
        var tracking = new JobTracking(Client, _events, _counted, pass);
        try
        {
            await tracking.WriteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _written[key] = Version(tracking.Job);
        }
        if (scaling.Failure is { } failure)
        {
            throw failure;
        }
        return pass.NextCheck is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
    }

    private static ulong Version(V1Job job) => ulong.TryParse(job.Metadata.ResourceVersion, out var version) ? version : 0;

    private async Task<List<V1Pod>> ClaimAsync(V1Job job, CancellationToken cancellationToken)
    {
        var refs = new ControllerRefs<V1Pod>(Client, job, "batch/v1", "Job");
        return await refs.ClaimAsync(
            _pods.Store.ListNamespace(job.Metadata.NamespaceProperty),
            pod => LabelSelectors.Matches(job.Spec.Selector, pod.Metadata.Labels),
            async ct => await Client.FindAsync<V1Job>(job.Metadata.NamespaceProperty, job.Metadata.Name, ct)
                .ConfigureAwait(false) is { } fresh
                && fresh.Metadata.Uid == job.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null,
            cancellationToken).ConfigureAwait(false);
    }

    // The Pods of a Job that is gone have nobody left to be counted by.
    private async Task ReleaseOrphansAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        foreach (var pod in _pods.Store.ListNamespace(key.Namespace))
        {
            if (JobPods.HasFinalizer(pod) && OwnerReferences.ControllerOf(pod) is { Kind: "Job" } owner && owner.Name == key.Name
                && await Client.FindAsync<V1Job>(key.Namespace, key.Name, cancellationToken).ConfigureAwait(false) is null)
            {
                await JobTracking.RemoveFinalizerAsync(Client, pod, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReleaseFinishedAsync(V1Job job, CancellationToken cancellationToken)
    {
        foreach (var pod in _pods.Store.ListNamespace(job.Metadata.NamespaceProperty))
        {
            if (JobPods.HasFinalizer(pod) && OwnerReferences.IsControlledBy(pod, job))
            {
                await JobTracking.RemoveFinalizerAsync(Client, pod, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Observe(ObjectKey key, CachedObject? old, CachedObject? pod)
    {
        if (old is null)
        {
            _expectations.CreationObserved(key);
        }
        if (pod is null || pod.Metadata.DeletionTimestamp is not null)
        {
            _expectations.DeletionObserved(key, (pod ?? old!).Metadata.Uid);
        }
        if (pod is null || !JobPods.HasFinalizer(pod.Metadata))
        {
            _counted.TryRemove((pod ?? old!).Metadata.Uid, out _);
        }
    }
}
