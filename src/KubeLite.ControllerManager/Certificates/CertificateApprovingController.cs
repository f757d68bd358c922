using System.Security.Cryptography;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Certificates;

/// <summary>
/// The <c>certificatesigningrequest-approving-controller</c>: approves client certificates of kubelets whose requester is
/// authorized to have them, for itself or for a new node.
/// </summary>
public sealed class CertificateApprovingController : KeyedController<string>
{
    private static readonly WriteOptions s_approval = new() { Subresource = "approval" };

    private readonly SharedInformer<V1CertificateSigningRequest> _requests;

    /// <summary>Asks for the informer.</summary>
    public CertificateApprovingController(ControllerContext context) : base(context, "certificatesigningrequest-approving-controller", 1)
    {
        _requests = Watch<V1CertificateSigningRequest>();
        _requests.AddHandler(new ResourceEventHandler<V1CertificateSigningRequest>(r => Queue.Add(r.Metadata.Name)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_requests.Store.Get("", key) is not { } request || request.Status?.Certificate is { Length: > 0 }
            || request.Status?.Conditions is { Count: > 0 }
            || request.Spec.SignerName != SignerRules.Kubelet)
        {
            return ReconcileResult.Done;
        }
        string? node;
        try
        {
            var asked = CertificateSigner.Read(request);
            node = SignerRules.Refusal(request, asked) is null ? SignerRules.Node(asked) : null;
        }
        catch (CryptographicException)
        {
            // Whoever signs refuses it with a reason.
            return ReconcileResult.Done;
        }
        if (node is null)
        {
            return ReconcileResult.Done;
        }
        var (subresource, message) = node == request.Spec.Username
            ? ("selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.")
            : ("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.");
        if (!await AllowedAsync(request, subresource, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"recognized csr {key} as {subresource} but subject access review was not approved");
        }
        var approved = new V1CertificateSigningRequestCondition
        {
            Type = "Approved",
            Status = "True",
            Reason = "AutoApproved",
            Message = message,
            LastUpdateTime = Now,
            LastTransitionTime = Now,
        };
        await Client.UpdateAsync(
            request with { Status = (request.Status ?? new V1CertificateSigningRequestStatus()) with { Conditions = [approved] } },
            s_approval, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task<bool> AllowedAsync(V1CertificateSigningRequest request, string subresource, CancellationToken cancellationToken)
    {
        var review = new V1SubjectAccessReview
        {
            Metadata = new V1ObjectMeta(),
            Spec = new V1SubjectAccessReviewSpec
            {
                User = request.Spec.Username,
                Uid = request.Spec.Uid,
                Groups = request.Spec.Groups,
                Extra = request.Spec.Extra,
                ResourceAttributes = new V1ResourceAttributes
                {
                    Group = "certificates.k8s.io",
                    Resource = "certificatesigningrequests",
                    Verb = "create",
                    Subresource = subresource,
                    Version = "*",
                },
            },
        };
        return (await Client.CreateAsync(review, cancellationToken).ConfigureAwait(false)).Status?.Allowed == true;
    }
}
