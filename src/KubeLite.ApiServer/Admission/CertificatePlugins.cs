using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// Who may approve and sign certificate requests of a signer, and that nobody asks for the group of masters
/// (Kubernetes v1.36, <c>plugin/pkg/admission/certificates</c>).
/// </summary>
public sealed class CertificatePlugins(Authorizer authorizer) : AdmissionPlugin
{
    private const string Group = "certificates.k8s.io";
    private const string Resource = "certificatesigningrequests";
    private const string ClientSigner = "kubernetes.io/kube-apiserver-client";

    /// <inheritdoc />
    public override string Name => "CertificateApproval";

    /// <inheritdoc />
    public override ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Context.Resource.Group != Group || request.Context.Resource.Name != Resource || request.Object is not { } csr)
        {
            return ValueTask.CompletedTask;
        }

        string signer = (request.OldObject ?? csr).MapAt("spec").String("signerName") ?? "";
        switch (request.Context.Subresource)
        {
            case "" when request.Operation == "CREATE" && signer == ClientSigner && AsksForMasters(csr.MapAt("spec").String("request")):
                throw ApiException.Forbidden(
                    Group, Resource, request.Context.Name, $"use of {ClientSigner} signer with {UserInfo.Masters} group is not allowed");
            case "approval":
                Require(request, "approve", signer);
                break;
            case "status" when !JsonValue.DeepEquals(csr.Map("status")?["certificate"], request.OldObject?.Map("status")?["certificate"]):
                Require(request, "sign", signer);
                break;
        }

        return ValueTask.CompletedTask;
    }

    private void Require(AdmissionRequest request, string verb, string signer)
    {
        string domain = signer.Split('/')[0] + "/*";
        bool allowed = ((string[])[signer, domain]).Any(
            name => authorizer.Allows(new(request.Context.User, verb) { Group = Group, Resource = "signers", Name = name }));
        if (!allowed)
        {
            throw ApiException.Forbidden(
                Group, Resource, request.Context.Name,
                $"user not permitted to {verb} requests with signerName {FieldError.GoQuote(signer)}");
        }
    }

    private static bool AsksForMasters(string? request)
    {
        try
        {
            string pem = Encoding.UTF8.GetString(Convert.FromBase64String(request ?? ""));
            CertificateRequest parsed = CertificateRequest.LoadSigningRequestPem(
                pem, HashAlgorithmName.SHA256,
                CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions | CertificateRequestLoadOptions.SkipSignatureValidation);
            return parsed.SubjectName.EnumerateRelativeDistinguishedNames()
                .Any(n => !n.HasMultipleElements && n.GetSingleElementType().Value == "2.5.4.10"
                    && n.GetSingleElementValue() == UserInfo.Masters);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
        {
            // What can't be read is refused by validation.
            return false;
        }
    }
}
