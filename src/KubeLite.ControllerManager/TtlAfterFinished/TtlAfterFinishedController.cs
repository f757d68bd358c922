using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.TtlAfterFinished;

/// <summary>The <c>ttl-after-finished-controller</c>: deletes ended Jobs when their time to live is over.</summary>
public sealed class TtlAfterFinishedController : ObjectController
{
    private readonly SharedInformer<V1Job> _jobs;

    /// <summary>Asks for the informer.</summary>
    public TtlAfterFinishedController(ControllerContext context) : base(context, "ttl-after-finished-controller", 2)
    {
        _jobs = Watch<V1Job>();
        _jobs.AddHandler(new ResourceEventHandler<V1Job>(Look, (_, job) => Look(job)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_jobs.Store.Get(key) is not { } cached || Due(cached) is not { } due)
        {
            return ReconcileResult.Done;
        }
        if (due > Now)
        {
            return ReconcileResult.After(due - Now + TimeSpan.FromMilliseconds(100));
        }
        // The time to live may have been extended since.
        if (await Client.FindAsync<V1Job>(key.Namespace, key.Name, cancellationToken).ConfigureAwait(false) is not { } job
            || Due(job) is not { } still || still > Now)
        {
            return ReconcileResult.Done;
        }
        var options =
            new V1DeleteOptions { PropagationPolicy = "Foreground", Preconditions = new V1Preconditions { Uid = job.Metadata.Uid } };
        try
        {
            await Client.DeleteAsync<V1Job>(key.Namespace, key.Name, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
        return ReconcileResult.Done;
    }

    private void Look(CachedObject<V1Job> job)
    {
        if (Due(job.Value) is not null)
        {
            Enqueue(job);
        }
    }

    private static DateTime? Due(V1Job job)
    {
        if (job.Spec.TtlSecondsAfterFinished is not { } ttl || job.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }
        var end = job.Status?.Conditions?.FirstOrDefault(c => c.Type is "Complete" or "Failed" && c.Status == "True")?.LastTransitionTime;
        return end?.AddSeconds(ttl);
    }
}
