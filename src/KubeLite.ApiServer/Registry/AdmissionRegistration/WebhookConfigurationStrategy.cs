using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>
/// ValidatingWebhookConfigurations and MutatingWebhookConfigurations (Kubernetes v1.36, <c>pkg/apis/admissionregistration/validation</c>).
/// </summary>
public sealed class WebhookConfigurationStrategy : ResourceStrategy
{
    private const string Versions = "v1, v1beta1";

    /// <summary>Makes the strategy.</summary>
    public WebhookConfigurationStrategy()
    {
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override object? GenerationContent(JsonMap obj) => obj["webhooks"];

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap webhook in obj.List("webhooks")?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("webhooks").Index(i++);
            Webhook(webhook, path, errors);
            ReviewVersions([.. webhook.List("admissionReviewVersions")?.Strings() ?? []], path.Child("admissionReviewVersions"), errors);
            if (webhook.String("name") is { Length: > 0 } name && !names.Add(name))
            {
                errors.Duplicate(path.Child("name"), name);
            }
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) => AdmissionRules.NameWarnings(obj);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return [metadata.String("name"), (long)(obj.List("webhooks")?.Count ?? 0), TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void Webhook(JsonMap webhook, FieldPath path, FieldErrors errors)
    {
        Name(webhook.String("name") ?? "", path.Child("name"), errors);
        int i = 0;
        foreach (JsonMap rule in webhook.List("rules")?.Maps() ?? [])
        {
            AdmissionRules.Rule(rule, path.Child("rules").Index(i++), errors);
        }

        if (webhook.String("failurePolicy") is { } failure)
        {
            FieldRules.OneOf(failure, path.Child("failurePolicy"), errors, "Fail", "Ignore");
        }

        if (webhook.String("matchPolicy") is { } match)
        {
            FieldRules.OneOf(match, path.Child("matchPolicy"), errors, "Equivalent", "Exact");
        }

        if (webhook.String("sideEffects") is { } effects)
        {
            FieldRules.OneOf(effects, path.Child("sideEffects"), errors, "None", "NoneOnDryRun");
        }
        else
        {
            errors.Required(path.Child("sideEffects"), "must specify one of None, NoneOnDryRun");
        }

        if (webhook.Integer("timeoutSeconds") is { } timeout and (> 30 or < 1))
        {
            errors.Invalid(path.Child("timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds");
        }

        SelectorValidation.Labels(webhook.Map("namespaceSelector"), path.Child("namespaceSelector"), errors);
        SelectorValidation.Labels(webhook.Map("objectSelector"), path.Child("objectSelector"), errors);
        if (webhook.String("reinvocationPolicy") is { } again)
        {
            FieldRules.OneOf(again, path.Child("reinvocationPolicy"), errors, "IfNeeded", "Never");
        }

        WebhookClientValidation.Validate(webhook.Map("clientConfig"), path.Child("clientConfig"), errors);
        AdmissionRules.Conditions(webhook.List("matchConditions"), path.Child("matchConditions"), errors);
    }

    private static void Name(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        string faults = string.Join(",", NameRules.DnsSubdomain(name));
        if (faults.Length > 0)
        {
            errors.Invalid(path, name, faults);
        }
        else if (name.Split('.').Length < 3)
        {
            errors.Invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private static void ReviewVersions(List<string> versions, FieldPath path, FieldErrors errors)
    {
        if (versions.Count == 0)
        {
            errors.Required(path, $"must specify one of {Versions}");
            return;
        }

        for (int i = 0; i < versions.Count; i++)
        {
            if (versions.IndexOf(versions[i]) < i)
            {
                errors.Invalid(path.Index(i), versions[i], "duplicate version");
                continue;
            }

            FieldRules.Follows(NameRules.Dns1035Label(versions[i]), versions[i], path.Index(i), errors);
        }

        if (!versions.Contains("v1") && !versions.Contains("v1beta1"))
        {
            errors.Invalid(path, new JsonList(versions), $"must include at least one of {Versions}");
        }
    }
}
