using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>persistentvolumeclaim-protection-controller</c>: a claim that a Pod uses stays until no Pod does.</summary>
public sealed class ClaimProtectionController : ProtectionController<V1PersistentVolumeClaim>
{
    private readonly SharedInformer<V1Pod> _pods;

    /// <summary>Asks for the informers.</summary>
    public ClaimProtectionController(ControllerContext context)
        : base(context, "persistentvolumeclaim-protection-controller", "kubernetes.io/pvc-protection", 2)
    {
        _pods = Watch<V1Pod>();
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(
            updated: (old, pod) =>
            {
                if (pod.IsTerminal() && !old.IsTerminal())
                {
                    EnqueueClaims(pod);
                }
            },
            deleted: EnqueueClaims));
    }

    /// <inheritdoc/>
    protected override async Task<bool> IsUsedAsync(V1PersistentVolumeClaim obj, CancellationToken cancellationToken)
    {
        string ns = obj.Metadata.NamespaceProperty, name = obj.Metadata.Name;
        if (Used(_pods.Store.ListNamespace(ns), name))
        {
            return true;
        }
        // The cache may not know of the newest Pod yet.
        var live = await Client.ListAsync<V1Pod>(ns, ListOptions.None, cancellationToken).ConfigureAwait(false);
        return Used(live.Items, name);
    }

    /// <inheritdoc/>
    protected override V1PersistentVolumeClaim With(V1PersistentVolumeClaim obj, V1ObjectMeta metadata) => obj with { Metadata = metadata };

    private static bool Used(IEnumerable<V1Pod> pods, string claim) =>
        pods.Any(p => !(PodConditions.IsTerminal(p) || (p.Metadata.DeletionTimestamp is not null && string.IsNullOrEmpty(p.Spec.NodeName)))
            && Claims(p).Contains(claim));

    private static IEnumerable<string> Claims(V1Pod pod) =>
        (pod.Spec.Volumes ?? [])
            .Select(v => v.PersistentVolumeClaim?.ClaimName ?? (v.Ephemeral is null ? null : pod.Metadata.Name + "-" + v.Name))
            .OfType<string>();

    private void EnqueueClaims(CachedObject<V1Pod> pod)
    {
        foreach (var claim in Claims(pod.Value))
        {
            Queue.Add(new ObjectKey(pod.Metadata.NamespaceProperty, claim));
        }
    }
}
