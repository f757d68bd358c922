using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>FlowSchemas (Kubernetes v1.36, <c>pkg/apis/flowcontrol/validation</c>).</summary>
public sealed class FlowSchemaStrategy : ResourceStrategy
{
    private const long MaxPrecedence = 10_000;

    /// <summary>Makes the strategy.</summary>
    public FlowSchemaStrategy()
    {
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        long precedence = spec.Integer("matchingPrecedence") ?? 0;
        if (precedence <= 0)
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "must be a positive value");
        }

        if (precedence > MaxPrecedence)
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, $"must not be greater than {MaxPrecedence}");
        }

        if (precedence == 1 && obj.MapAt("metadata").String("name") != "exempt")
        {
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        }

        if (spec.Map("distinguisherMethod") is { } method)
        {
            FieldRules.OneOf(method.String("type"), path.Child("distinguisherMethod").Child("type"), errors, "ByNamespace", "ByUser");
        }

        string level = spec.Map("priorityLevelConfiguration")?.String("name") ?? "";
        if (level.Length > 0)
        {
            FieldRules.Subdomain(level, path.Child("priorityLevelConfiguration").Child("name"), errors);
        }
        else
        {
            errors.Required(path.Child("priorityLevelConfiguration").Child("name"), "must reference a priority level");
        }

        int i = 0;
        foreach (JsonMap rule in spec.List("rules")?.Maps() ?? [])
        {
            Rule(rule, path.Child("rules").Index(i++), errors);
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? dangling = obj.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Dangling");
        return
        [
            metadata.String("name"),
            spec.Map("priorityLevelConfiguration")?.String("name") ?? TableText.None,
            spec.Integer("matchingPrecedence") ?? 0,
            spec.Map("distinguisherMethod")?.String("type") ?? TableText.None,
            TableText.Age(metadata.String("creationTimestamp")),
            dangling?.String("status") ?? "?",
        ];
    }

    private static void Rule(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        if (rule.List("subjects") is not { Count: > 0 } subjects)
        {
            errors.Required(path.Child("subjects"), "subjects must contain at least one value");
            subjects = [];
        }

        int i = 0;
        foreach (JsonMap subject in subjects.Maps())
        {
            Subject(subject, path.Child("subjects").Index(i++), errors);
        }

        if (rule.List("resourceRules") is not { Count: > 0 } && rule.List("nonResourceRules") is not { Count: > 0 })
        {
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }

        i = 0;
        foreach (JsonMap resources in rule.List("resourceRules")?.Maps() ?? [])
        {
            FieldPath at = path.Child("resourceRules").Index(i++);
            Need(resources, at, errors, ("verbs", "verbs must contain at least one value"), ("apiGroups", "resource rules must supply at least one api group"), ("resources", "resource rules must supply at least one resource"));
            if (resources.List("namespaces") is not { Count: > 0 } && !resources.Flag("clusterScope"))
            {
                errors.Required(at.Child("namespaces"), "resource rules that are not cluster scoped must supply at least one namespace");
            }
        }

        i = 0;
        foreach (JsonMap urls in rule.List("nonResourceRules")?.Maps() ?? [])
        {
            Need(urls, path.Child("nonResourceRules").Index(i++), errors, ("verbs", "verbs must contain at least one value"), ("nonResourceURLs", "nonResourceURLs must contain at least one value"));
        }
    }

    private static void Need(JsonMap map, FieldPath path, FieldErrors errors, params ReadOnlySpan<(string Name, string Detail)> members)
    {
        foreach ((string name, string detail) in members)
        {
            if (map.List(name) is not { Count: > 0 })
            {
                errors.Required(path.Child(name), detail);
            }
        }
    }

    private static void Subject(JsonMap subject, FieldPath path, FieldErrors errors)
    {
        string kind = subject.String("kind") ?? "";
        string? member = kind switch { "User" => "user", "Group" => "group", "ServiceAccount" => "serviceAccount", _ => null };
        if (member is null)
        {
            errors.NotSupported(path.Child("kind"), kind, "Group", "ServiceAccount", "User");
            return;
        }

        foreach (string other in (string[])["user", "group", "serviceAccount"])
        {
            if (other != member && subject.Map(other) is not null)
            {
                errors.Forbidden(path.Child(other), $"{other} is forbidden when subject kind is not '{(other == "serviceAccount" ? "ServiceAccount" : other == "user" ? "User" : "Group")}'");
            }
        }

        if (subject.Map(member) is not { } details)
        {
            errors.Required(path.Child(member), $"{member} is required when subject kind is '{kind}'");
            return;
        }

        foreach (string name in member == "serviceAccount" ? (string[])["namespace", "name"] : ["name"])
        {
            if ((details.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child(member).Child(name));
            }
        }
    }
}
