using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>Validates what is decided about a certificate request (Kubernetes v1.36, <c>pkg/apis/certificates/validation</c>).</summary>
internal static class CertificateStatusValidation
{
    private static readonly string[] s_decisions = ["Approved", "Denied", "Failed"];
    private static readonly FieldPath s_path = FieldPath.Of("status", "conditions");

    /// <summary>Adds the faults of a change.</summary>
    /// <param name="status">The new status.</param>
    /// <param name="old">The old one.</param>
    /// <param name="approves">True for the approval subresource, the only one to approve and deny.</param>
    /// <param name="signs">True for the status subresource, the only one to set the certificate.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Update(JsonMap? status, JsonMap? old, bool approves, bool signs, FieldErrors errors)
    {
        foreach (string type in s_decisions)
        {
            if (Of(status, type).Count < Of(old, type).Count)
            {
                errors.Forbidden(s_path, $"updates may not remove a condition of type {FieldError.GoQuote(type)}");
            }
        }

        foreach (string type in approves ? [] : s_decisions[..2])
        {
            List<JsonMap> now = Of(status, type), before = Of(old, type);
            if (now.Count > before.Count)
            {
                errors.Forbidden(s_path, $"updates may not add a condition of type {FieldError.GoQuote(type)}");
            }
            else if (now.Count == before.Count && !now.Zip(before).All(p => JsonValue.DeepEquals(p.First, p.Second)))
            {
                errors.Forbidden(s_path, $"updates may not modify a condition of type {FieldError.GoQuote(type)}");
            }
        }

        string certificate = status?.String("certificate") ?? "", issued = old?.String("certificate") ?? "";
        if (certificate != issued && !signs)
        {
            errors.Forbidden(FieldPath.Of("status", "certificate"), "updates may not set certificate content");
        }
        else if (certificate != issued && issued.Length > 0)
        {
            errors.Forbidden(FieldPath.Of("status", "certificate"), "updates may not modify existing certificate content");
        }

        Conditions(status?.List("conditions"), errors);
    }

    private static List<JsonMap> Of(JsonMap? status, string type) => [.. (status?.List("conditions")?.Maps() ?? []).Where(c => c.String("type") == type)];

    private static void Conditions(JsonList? conditions, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap condition in conditions?.Maps() ?? [])
        {
            FieldPath at = s_path.Index(index++);
            string type = condition.String("type") ?? "";
            if (type.Length == 0)
            {
                errors.Required(at.Child("type"));
            }

            FieldRules.RequiredOneOf(condition.String("status"), at.Child("status"), errors, s_decisions.Contains(type) ? ["True"] : ["False", "True", "Unknown"]);
            if (type is "Approved" or "Denied" && seen.Contains(type == "Approved" ? "Denied" : "Approved"))
            {
                errors.Invalid(at.Child("type"), type, "Approved and Denied conditions are mutually exclusive");
            }

            if (!seen.Add(type))
            {
                errors.Duplicate(at.Child("type"), type);
            }
        }
    }
}
