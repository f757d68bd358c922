using System.Security.Cryptography;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;
using KubeLite.Hosting;

namespace KubeLite.ControllerManager.Certificates;

/// <summary>The <c>certificatesigningrequest-signing-controller</c>: signs what was approved for one of Kubernetes' own signers.</summary>
public sealed class CertificateSigningController : KeyedController<string>
{
    private readonly CertificateSigner _signer;
    private readonly SharedInformer<V1CertificateSigningRequest> _requests;

    private CertificateSigningController(ControllerContext context, CertificateSigner signer) : base(
        context, "certificatesigningrequest-signing-controller", 1)
    {
        _signer = signer;
        _requests = Watch<V1CertificateSigningRequest>();
        _requests.AddHandler(
            new ResourceEventHandler<V1CertificateSigningRequest>(r => Queue.Add(r.Metadata.Name), (_, r) => Queue.Add(r.Metadata.Name)));
    }

    /// <summary>Makes it, or answers null where there is no authority to sign with.</summary>
    /// <exception cref="StartupException">The authority can't be read.</exception>
    public static CertificateSigningController? TryCreate(ControllerContext context) =>
        context.Options is { ClusterSigningCertFile: { } certificate, ClusterSigningKeyFile: { } key }
            ? new CertificateSigningController(context, CertificateSigner.Load(certificate, key, context.Options.ClusterSigningDuration))
            : null;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        using var signer = _signer;
        await base.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_requests.Store.Get("", key) is not { } request || request.Status?.Certificate is { Length: > 0 }
            || !request.Spec.SignerName.StartsWith("kubernetes.io/", StringComparison.Ordinal)
            || !Has(request, "Approved") || Has(request, "Denied") || Has(request, "Failed"))
        {
            return ReconcileResult.Done;
        }
        var status = request.Status! with { };
        try
        {
            if (SignerRules.Refusal(request, CertificateSigner.Read(request)) is { } refusal)
            {
                status.Conditions = [.. status.Conditions ?? [], Failure("SignerValidationFailure", refusal)];
            }
            else
            {
                status.Certificate = _signer.Sign(request, Now);
            }
        }
        catch (CryptographicException e)
        {
            status.Conditions = [.. status.Conditions ?? [], Failure("SigningError", e.Message)];
        }
        await Client.UpdateStatusAsync(request with { Status = status }, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private static bool Has(V1CertificateSigningRequest request, string type) =>
        request.Status?.Conditions?.Any(c => c.Type == type) == true;

    private V1CertificateSigningRequestCondition Failure(string reason, string message) =>
        new() { Type = "Failed", Status = "True", Reason = reason, Message = message, LastUpdateTime = Now, LastTransitionTime = Now };
}
