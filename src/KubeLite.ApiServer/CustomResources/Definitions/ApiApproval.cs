using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Whether a definition in a group of the Kubernetes project says that the project approved it (apiextensions' <c>apihelpers</c>
/// and <c>controller/apiapproval</c> of v1.36).
/// </summary>
/// <param name="State">Whether it does.</param>
/// <param name="Reason">The state in words.</param>
public sealed record ApiApproval(ApprovalState State, string Reason)
{
    /// <summary>The annotation that says it.</summary>
    public const string Annotation = "api-approved.kubernetes.io";

    /// <summary>The condition that tells of it.</summary>
    public const string Condition = "KubernetesAPIApprovalPolicyConformant";

    private const string See = ", see https://github.com/kubernetes/enhancements/pull/1111";
    private const string Must = $"protected groups must have approval annotation \"{Annotation}\"";

    /// <summary>True for a group of the Kubernetes project.</summary>
    public static bool Protects(string group) => group is "k8s.io" or "kubernetes.io" ||
        group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);

    /// <summary>What a definition says.</summary>
    public static ApiApproval Of(JsonMap crd)
    {
        string annotation = crd.Map("metadata")?.Map("annotations")?.String(Annotation) ?? "";
        return annotation switch
        {
            "" => new(ApprovalState.Missing, Must + See),
            _ when annotation.StartsWith("unapproved", StringComparison.Ordinal) =>
                new(ApprovalState.Bypassed, $"not approved: {FieldError.GoQuote(annotation)}"),
            _ when Uri.TryCreate(annotation, UriKind.Absolute, out Uri? url) && url.Host.Length > 0 =>
                new(ApprovalState.Approved, $"approved in {annotation}"),
            _ => new(ApprovalState.Invalid, Must + " with either a URL or a reason starting with \"unapproved\"" + See),
        };
    }

    /// <summary>True where a definition's status should say so and doesn't yet.</summary>
    public static bool Changes(JsonMap crd) =>
        Protects(crd.MapAt("spec").String("group") ?? "") && Conditions.Find(crd, Condition)?.String("message") != Of(crd).Reason;

    /// <summary>Writes the state into the status of a definition in a protected group.</summary>
    public static void ApplyTo(JsonMap crd, string now)
    {
        if (Changes(crd))
        {
            ApiApproval approval = Of(crd);
            string status = approval.State == ApprovalState.Approved ? "True" : "False";
            Conditions.Set(crd, Condition, status, ConditionReason(approval.State), approval.Reason, now);
        }
    }

    private static string ConditionReason(ApprovalState state) => state switch
    {
        ApprovalState.Missing => "MissingAnnotation",
        ApprovalState.Invalid => "InvalidAnnotation",
        ApprovalState.Bypassed => "UnapprovedAnnotation",
        _ => "ApprovedAnnotation",
    };
}
