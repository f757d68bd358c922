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
    private const int MaxDomain = 253;
    // A domain, a slash, and a label, a dot and a subdomain.
    private const int MaxSigner = MaxDomain + 1 + 63 + 1 + 253;
    private const string LegacySigner = "kubernetes.io/legacy-unknown";

    private static readonly string[] s_usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment",
        "crl sign", "data encipherment", "decipher only", "digital signature",
        "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
        "ipsec user", "key agreement", "key encipherment", "microsoft sgc",
        "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    /// <summary>Makes the strategy.</summary>
    public CertificateSigningRequestStrategy() => NameRule = NameRules.Segment;

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
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        Keep(obj, old, "spec");
        if (context.Subresource == "approval")
        {
            CertificateConditions.Stamp(obj.Map("status"), old.Map("status"), context.Now);
            object? conditions = obj.Map("status")?["conditions"];
            Keep(obj, old, "status");
            if (conditions is not null)
            {
                obj.MapAt("status")["conditions"] = conditions;
            }
            else
            {
                obj.Map("status")?.Remove("conditions");
            }
        }
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        Keep(obj, old, "spec");
        CertificateConditions.KeepDecisions(obj.Map("status"), old.Map("status"));
        CertificateConditions.Stamp(obj.Map("status"), old.Map("status"), context.Now);
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["spec", "status"],
        "status" => ["spec", "status.conditions"],
        "approval" => ["spec", "status.certificate"],
        _ => [],
    };

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Content(obj, null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Content(obj, old, errors);
        CertificateStatusValidation.Update(
            obj.Map("status"), old.Map("status"), approves: context.Subresource == "approval", signs: false, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Content(obj, old, errors);
        CertificateStatusValidation.Update(obj.Map("status"), old.Map("status"), approves: false, signs: true, errors);
    }

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

    /// <summary>All rules of a whole request; a change may keep what was wrong with the stored one.</summary>
    private static void Content(JsonMap obj, JsonMap? old, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        if (SigningRequestPem.RequestFault(PemBlocks.Bytes(spec.String("request"))) is { } fault)
        {
            errors.Invalid(path.Child("request"), spec["request"], fault);
        }

        Usages(Uses(spec), old is null ? [] : Uses(old.MapAt("spec")), path.Child("usages"), errors);
        if (spec.String("signerName") != LegacySigner)
        {
            SignerName(spec.String("signerName") ?? "", path.Child("signerName"), errors);
        }
        else if (old?.MapAt("spec").String("signerName") != LegacySigner)
        {
            errors.Invalid(path.Child("signerName"), LegacySigner, "the legacy signerName is not allowed via this API version");
        }
        else
        {
            // It was taken long ago and may stay.
            SignerName(LegacySigner, path.Child("signerName"), errors);
        }

        if (spec.Integer("expirationSeconds") is < MinSeconds and var seconds)
        {
            errors.Invalid(path.Child("expirationSeconds"), seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }

        CertificateStatusValidation.Content(obj.Map("status"), old?.Map("status"), errors);

        static List<string> Uses(JsonMap spec) => [.. spec.List("usages")?.Strings() ?? []];
    }

    private static void Keep(JsonMap obj, JsonMap old, string name)
    {
        if (old[name] is { } value)
        {
            obj[name] = JsonValue.DeepCopy(value);
        }
        else
        {
            obj.Remove(name);
        }
    }

    private static void Usages(List<string> usages, List<string> old, FieldPath path, FieldErrors errors)
    {
        if (usages.Count == 0)
        {
            errors.Required(path);
        }

        for (int i = 0; i < usages.Count && old.All(s_usages.Contains); i++)
        {
            FieldRules.OneOf(usages[i], path.Index(i), errors, s_usages);
        }

        for (int i = 0; i < usages.Count && old.Distinct().Count() == old.Count; i++)
        {
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
            return;
        }

        string[] segments = name.Split('/');
        if (segments.Length != 2)
        {
            errors.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        if (segments[0].Length > MaxDomain)
        {
            errors.TooLong(path, MaxDomain);
        }

        string[] domain = segments[0].Split('.');
        Labels(domain, NameRules.DnsLabel, segments[0], path, errors);
        if (domain.Length < 2)
        {
            errors.Invalid(path, segments[0], "should be a domain with at least two segments separated by dots");
        }

        Labels(segments[1].Split('.'), NameRules.DnsSubdomain, segments[1], path, errors);
        if (name.Length > MaxSigner)
        {
            errors.TooLong(path, MaxSigner);
        }
    }

    /// <summary>Only the first wrong label is shown.</summary>
    private static void Labels(string[] labels, Func<string, IEnumerable<string>> rule, string value, FieldPath path, FieldErrors errors)
    {
        foreach (string label in labels)
        {
            List<string> faults = [.. rule(label)];
            foreach (string fault in faults)
            {
                errors.Invalid(path, value, $"validating label {FieldError.GoQuote(label)}: {fault}");
            }

            if (faults.Count > 0)
            {
                return;
            }
        }
    }
}
