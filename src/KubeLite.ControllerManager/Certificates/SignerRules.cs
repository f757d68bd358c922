using System.Security.Cryptography.X509Certificates;
using k8s.Models;

namespace KubeLite.ControllerManager.Certificates;

/// <summary>What the built-in signers sign (Kubernetes documentation, "Certificate Signing Requests", "Kubernetes signers").</summary>
internal static class SignerRules
{
    internal const string ApiClient = "kubernetes.io/kube-apiserver-client";
    internal const string Kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    internal const string KubeletServing = "kubernetes.io/kubelet-serving";
    internal const string Legacy = "kubernetes.io/legacy-unknown";

    /// <summary>Why a request may not be signed, or null where it may.</summary>
    internal static string? Refusal(V1CertificateSigningRequest request, CertificateRequest asked) => request.Spec.SignerName switch
    {
        ApiClient => Usages(request, "client auth", "server auth"),
        Kubelet => Node(asked) is null ? "subject is not that of a node" : Usages(request, "client auth", "server auth"),
        KubeletServing => Node(asked) is not { } node || node != request.Spec.Username
            ? "subject is not that of the requesting node"
            : Usages(request, "server auth", "client auth"),
        Legacy => null,
        _ => "unknown signer",
    };

    /// <summary>The user name if a request is for a node's identity, else null.</summary>
    internal static string? Node(CertificateRequest asked)
    {
        string? name = null;
        var inGroup = false;
        foreach (var part in asked.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue();
                    break;
                case "2.5.4.10":
                    inGroup |= part.GetSingleElementValue() == "system:nodes";
                    break;
            }
        }
        return inGroup && name?.StartsWith("system:node:", StringComparison.Ordinal) == true ? name : null;
    }

    private static string? Usages(V1CertificateSigningRequest request, string needed, string forbidden) =>
        request.Spec.Usages?.Contains(needed) != true
            ? $"usages lack \"{needed}\""
            : request.Spec.Usages.Contains(forbidden) ? $"usages may not hold \"{forbidden}\""
            : null;
}
