using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>Validates what is decided about a certificate request (Kubernetes v1.36, <c>pkg/apis/certificates/validation</c>).</summary>
internal static class CertificateStatusValidation
{
    private static readonly string[] s_decisions = ["Approved", "Denied", "Failed"];
    private static readonly FieldPath s_path = FieldPath.Of("status", "conditions"), s_certificate = FieldPath.Of("status", "certificate");

    /// <summary>Adds the faults of a status as such; what was wrong with the stored one already may stay.</summary>
    public static void Content(JsonMap? status, JsonMap? old, FieldErrors errors)
    {
        Conditions(CertificateConditions.All(status), [.. CertificateConditions.All(old)], errors);
        string certificate = status?.String("certificate") ?? "", issued = old?.String("certificate") ?? "";
        if ((old is null || certificate != issued) && SigningRequestPem.ChainFault(PemBlocks.Bytes(issued)) is null &&
            SigningRequestPem.ChainFault(PemBlocks.Bytes(certificate)) is { } fault)
        {
            errors.Invalid(s_certificate, "<certificate data>", fault);
        }
    }

    /// <summary>Adds the faults of a change.</summary>
    /// <param name="status">The new status.</param>
    /// <param name="old">The old one.</param>
    /// <param name="approves">True for the approval subresource, the only one to approve and deny.</param>
    /// <param name="signs">True for the status subresource, the only one to set the certificate.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Update(JsonMap? status, JsonMap? old, bool approves, bool signs, FieldErrors errors)
    {
        foreach (string type in s_decisions.Where(t => Count(status, t) < Count(old, t)))
        {
            errors.Forbidden(s_path, $"updates may not remove a condition of type {FieldError.GoQuote(type)}");
        }

        // As many as before are as they were before: the strategy put them back.
        foreach (string type in s_decisions[..(approves ? 0 : 2)].Where(t => Count(status, t) > Count(old, t)))
        {
            errors.Forbidden(s_path, $"updates may not add a condition of type {FieldError.GoQuote(type)}");
        }

        string certificate = status?.String("certificate") ?? "", issued = old?.String("certificate") ?? "";
        if (certificate != issued && !signs)
        {
            errors.Forbidden(s_certificate, "updates may not set certificate content");
        }
        else if (certificate != issued && issued.Length > 0)
        {
            errors.Forbidden(s_certificate, "updates may not modify existing certificate content");
        }
    }

    private static int Count(JsonMap? status, string type) => CertificateConditions.Of(status, type).Count();

    private static void Conditions(IEnumerable<JsonMap> conditions, List<JsonMap> old, FieldErrors errors)
    {
        List<string> before = [.. old.Select(c => c.String("type") ?? "")];
        bool emptyMay = before.Contains(""), twiceMay = before.Distinct().Count() < before.Count,
            bothMay = before.Contains("Approved") && before.Contains("Denied");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap condition in conditions)
        {
            FieldPath at = s_path.Index(index++);
            string type = condition.String("type") ?? "";
            if (type.Length == 0 && !emptyMay)
            {
                errors.Required(at.Child("type"));
            }

            FieldRules.RequiredOneOf(
                condition.String("status"), at.Child("status"), errors,
                s_decisions.Contains(type) ? ["True"] : ["False", "True", "Unknown"]);
            if (!bothMay && type is "Approved" or "Denied" && seen.Contains(type == "Approved" ? "Denied" : "Approved"))
            {
                errors.Invalid(s_path, type, "Approved and Denied conditions are mutually exclusive");
            }

            if (!seen.Add(type) && !twiceMay)
            {
                errors.Duplicate(at.Child("type"), type);
            }
        }
    }
}
