using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Certificates;

/// <summary>
/// The <c>certificatesigningrequest-cleaner-controller</c>: deletes requests an hour after they were decided, or after a day without.
/// </summary>
public sealed class CertificateCleanerController : KeyedController<string>
{
    private static readonly TimeSpan s_decided = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_pending = TimeSpan.FromHours(24);

    private readonly SharedInformer<V1CertificateSigningRequest> _requests;

    /// <summary>Asks for the informer.</summary>
    public CertificateCleanerController(ControllerContext context) : base(context, "certificatesigningrequest-cleaner-controller", 1)
    {
        _requests = Watch<V1CertificateSigningRequest>();
        _requests.AddHandler(
            new ResourceEventHandler<V1CertificateSigningRequest>(r => Queue.Add(r.Metadata.Name), (_, r) => Queue.Add(r.Metadata.Name)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_requests.Store.Get("", key) is not { } request)
        {
            return ReconcileResult.Done;
        }
        var decided = request.Status?.Conditions?.LastOrDefault(c => c.Type is "Approved" or "Denied" or "Failed");
        // An approved request without a certificate is still pending.
        var due = decided is not null && (decided.Type != "Approved" || request.Status!.Certificate is { Length: > 0 })
            ? (decided.LastUpdateTime ?? Now) + s_decided
            : (request.Metadata.CreationTimestamp ?? Now) + s_pending;
        if (due > Now)
        {
            return ReconcileResult.After(due - Now + TimeSpan.FromSeconds(1));
        }
        try
        {
            await Client.DeleteAsync<V1CertificateSigningRequest>(
                null, key, new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = request.Metadata.Uid } },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Someone was faster.
        }
        return ReconcileResult.Done;
    }
}
