using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>
/// The defaults of admissionregistration.k8s.io/v1 (Kubernetes v1.36, <c>pkg/apis/admissionregistration/v1/defaults.go</c>).
/// </summary>
public static class AdmissionDefaults
{
    private const string Group = "io.k8s.api.admissionregistration.v1.";

    /// <summary>Adds every rule.</summary>
    public static void Register(Defaulter defaulter)
    {
        defaulter.Add(Group + "ValidatingWebhook", Webhook);
        defaulter.Add(Group + "MutatingWebhook", Webhook);
        defaulter.Add(Group + "MutatingWebhook", w => w.SetDefault("reinvocationPolicy", "Never"));
        defaulter.Add(Group + "RuleWithOperations", r => r.SetDefault("scope", "*"));
        defaulter.Add(Group + "NamedRuleWithOperations", r => r.SetDefault("scope", "*"));
        defaulter.Add(Group + "ServiceReference", s => s.SetDefault("port", 443L));
        defaulter.Add(Group + "MatchResources", Match);
        defaulter.Add(Group + "ValidatingAdmissionPolicySpec", s => s.SetDefault("failurePolicy", "Fail"));
        defaulter.Add(Group + "MutatingAdmissionPolicySpec", s => s.SetDefault("failurePolicy", "Fail"));
    }

    private static void Webhook(JsonMap webhook)
    {
        webhook.SetDefault("failurePolicy", "Fail");
        Match(webhook);
        webhook.SetDefault("timeoutSeconds", 10L);
    }

    private static void Match(JsonMap match)
    {
        match.SetDefault("matchPolicy", "Equivalent");
        match.SetDefault("namespaceSelector", new JsonMap());
        match.SetDefault("objectSelector", new JsonMap());
    }
}
