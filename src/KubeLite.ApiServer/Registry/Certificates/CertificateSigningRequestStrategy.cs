using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>CertificateSigningRequests (Kubernetes v1.36, <c>pkg/registry/certificates</c>).</summary>
public sealed class CertificateSigningRequestStrategy : ResourceStrategy
{
    private const long MinSeconds = 600;
    private const string Label = "CERTIFICATE REQUEST";

    private static readonly string[] s_usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature",
        "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc",
        "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    /// <summary>Makes the strategy.</summary>
    public CertificateSigningRequestStrategy()
    {
        NameRule = (_, _) => [];
        AllowsCreateOnUpdate = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["spec.signerName"];

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        JsonMap spec = obj.MapAt("spec");
        // Who asks is what authentication says, never what was sent.
        spec["username"] = context.User.Name;
        spec["uid"] = context.User.Uid;
        spec["groups"] = new JsonList(context.User.Groups);
        spec.Remove("extra");
        if (context.User.Extra.Count > 0)
        {
            var extra = new JsonMap();
            foreach (var (key, values) in context.User.Extra)
            {
                extra[key] = new JsonList(values);
            }

            spec["extra"] = extra;
        }
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) => obj["spec"] = JsonValue.DeepCopy(old["spec"]);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        if (RequestFault(spec.String("request")) is { } fault)
        {
            errors.Invalid(path.Child("request"), spec["request"], fault);
        }

        Usages([.. spec.List("usages")?.Strings() ?? []], path.Child("usages"), errors);
        if (spec.String("signerName") == "kubernetes.io/legacy-unknown")
        {
            errors.Invalid(path.Child("signerName"), "kubernetes.io/legacy-unknown", "the legacy signerName is not allowed via this API version");
        }
        else
        {
            SignerName(spec.String("signerName") ?? "", path.Child("signerName"), errors);
        }

        if (spec.Integer("expirationSeconds") is < MinSeconds and var seconds)
        {
            errors.Invalid(path.Child("expirationSeconds"), seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        CertificateStatusValidation.Update(obj.Map("status"), old.Map("status"), approves: context.Subresource == "approval", signs: false, errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        CertificateStatusValidation.Update(obj.Map("status"), old.Map("status"), approves: false, signs: true, errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            TableText.Age(metadata.String("creationTimestamp")),
            spec.String("signerName") is { Length: > 0 } signer ? signer : TableText.None,
            spec.String("username") ?? "",
            spec.Integer("expirationSeconds") is { } seconds ? TableText.Duration(TimeSpan.FromSeconds(seconds)) : TableText.None,
            Condition(obj.Map("status")),
        ];
    }

    private static string Condition(JsonMap? status)
    {
        List<string?> types = [.. (status?.List("conditions")?.Maps() ?? []).Select(c => c.String("type"))];
        string text = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        text += types.Contains("Failed") ? ",Failed" : "";
        return text + ((status?.String("certificate") ?? "").Length > 0 ? ",Issued" : "");
    }

    private static string? RequestFault(string? request)
    {
        string pem;
        try
        {
            pem = Encoding.UTF8.GetString(System.Convert.FromBase64String(request ?? ""));
        }
        catch (FormatException)
        {
            pem = "";
        }

        if (!PemEncoding.TryFind(pem, out PemFields fields) || pem[fields.Label] != Label)
        {
            return $"PEM block type must be {Label}";
        }

        try
        {
            CertificateRequest.LoadSigningRequest(
                System.Convert.FromBase64String(pem[fields.Base64Data]), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return null;
        }
        catch (CryptographicException)
        {
            return "asn1: syntax error: data truncated";
        }
    }

    private static void Usages(List<string> usages, FieldPath path, FieldErrors errors)
    {
        if (usages.Count == 0)
        {
            errors.Required(path);
        }

        for (int i = 0; i < usages.Count; i++)
        {
            FieldRules.OneOf(usages[i], path.Index(i), errors, s_usages);
            if (usages.IndexOf(usages[i]) < i)
            {
                errors.Duplicate(path.Index(i), usages[i]);
            }
        }
    }

    private static void SignerName(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
        }

        string[] segments = name.Split('/');
        if (segments.Length != 2)
        {
            errors.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        string[] domain = segments[0].Split('.');
        foreach (string label in domain)
        {
            foreach (string fault in NameRules.DnsLabel(label))
            {
                errors.Invalid(path, segments[0], $"validating label {FieldError.GoQuote(label)}: {fault}");
            }
        }

        if (domain.Length < 2)
        {
            errors.Invalid(path, segments[0], "should be a domain with at least two segments separated by dots");
        }

        foreach (string label in segments[1].Split('.'))
        {
            foreach (string fault in NameRules.DnsSubdomain(label))
            {
                errors.Invalid(path, segments[1], $"validating label {FieldError.GoQuote(label)}: {fault}");
            }
        }
    }
}
