using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Expressions;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.AdmissionRegistration;

/// <summary>Validates what webhooks and policies match (Kubernetes v1.36, <c>pkg/apis/admissionregistration/validation</c>).</summary>
internal static class AdmissionRules
{
    private const int MaxConditions = 64;
    private const string StaticSuffix = ".static.k8s.io";

    /// <summary>The warning of a name that is kept for what stands in files.</summary>
    public static IEnumerable<string> NameWarnings(JsonMap obj) =>
        obj.MapAt("metadata").String("name")?.EndsWith(StaticSuffix, StringComparison.Ordinal) == true
            ? [$"metadata.name: names ending with \"{StaticSuffix}\" are reserved for static manifest-based configurations and cannot be managed via the API"]
            : [];

    /// <summary>A rule with operations.</summary>
    public static void Rule(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        JsonList operations = rule.List("operations") ?? [];
        FieldPath at = path.Child("operations");
        Wildcard(operations, at, "operations", errors);
        for (int i = 0; i < operations.Count; i++)
        {
            FieldRules.OneOf(operations[i] as string, at.Index(i), errors, "*", "CONNECT", "CREATE", "DELETE", "UPDATE");
        }

        Wildcard(rule.List("apiGroups") ?? [], path.Child("apiGroups"), "API groups", errors);
        JsonList versions = rule.List("apiVersions") ?? [];
        at = path.Child("apiVersions");
        Wildcard(versions, at, "API versions", errors);
        for (int i = 0; i < versions.Count; i++)
        {
            if (versions[i] is not string { Length: > 0 })
            {
                errors.Required(at.Index(i));
            }
        }

        Resources(rule.List("resources") ?? [], path.Child("resources"), errors);
        if (rule.String("scope") is { } scope)
        {
            FieldRules.OneOf(scope, path.Child("scope"), errors, "*", "Cluster", "Namespaced");
        }
    }

    /// <summary>An expression must follow CEL's grammar, and be there where <paramref name="required"/> says so.</summary>
    public static void Expression(string? text, FieldPath path, FieldErrors errors, string? required)
    {
        string trimmed = (text ?? "").Trim();
        if (trimmed.Length == 0)
        {
            if (required is not null)
            {
                errors.Required(path, required);
            }
        }
        else if (CelSyntax.Check(trimmed) is { } fault)
        {
            errors.Invalid(path, text, "compilation failed: " + fault);
        }
    }

    /// <summary>What a policy or binding matches.</summary>
    public static void Match(JsonMap match, FieldPath path, FieldErrors errors)
    {
        if (match.String("matchPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, path.Child("matchPolicy"), errors, "Equivalent", "Exact");
        }

        SelectorValidation.Labels(match.Map("namespaceSelector"), path.Child("namespaceSelector"), errors);
        SelectorValidation.Labels(match.Map("objectSelector"), path.Child("objectSelector"), errors);
        foreach (string member in (string[])["resourceRules", "excludeResourceRules"])
        {
            int i = 0;
            foreach (JsonMap rule in match.List(member)?.Maps() ?? [])
            {
                FieldPath at = path.Child(member).Index(i++);
                Names(rule.List("resourceNames") ?? [], at.Child("resourceNames"), errors);
                Rule(rule, at, errors);
            }
        }
    }

    /// <summary>The conditions on requests, without the meaning of their expressions.</summary>
    public static void Conditions(JsonList? conditions, FieldPath path, FieldErrors errors)
    {
        if (conditions?.Count > MaxConditions)
        {
            errors.TooMany(path, conditions.Count, MaxConditions);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap condition in conditions?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            Expression(condition.String("expression"), at.Child("expression"), errors, "");
            string name = condition.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
                continue;
            }

            FieldRules.QualifiedName(name, at.Child("name"), errors);
            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
        }
    }

    /// <summary>What mutates can do so only in writes; Kubernetes names the operations by their list.</summary>
    public static void OnlyWrites(JsonMap match, FieldPath path, FieldErrors errors)
    {
        foreach (string operation in (match.List("resourceRules")?.Maps() ?? []).SelectMany(r => r.List("operations")?.Strings() ?? []))
        {
            FieldRules.OneOf(operation, path.Child("resourceRules").Child("operations"), errors, "*", "CONNECT", "CREATE", "UPDATE");
        }
    }

    private static void Names(JsonList names, FieldPath path, FieldErrors errors)
    {
        for (int i = 0; i < names.Count; i++)
        {
            string name = names[i] as string ?? "";
            FieldRules.Follows(NameRules.PathSegment(name), name, path.Index(i), errors);
            if (names.IndexOf(name) < i)
            {
                errors.Duplicate(path.Index(i), name);
            }
        }
    }

    private static void Wildcard(JsonList items, FieldPath path, string what, FieldErrors errors)
    {
        if (items.Count == 0)
        {
            errors.Required(path);
        }

        if (items.Count > 1 && items.Contains("*"))
        {
            errors.Invalid(path, items, $"if '*' is present, must not specify other {what}");
        }
    }

    private static void Resources(JsonList resources, FieldPath path, FieldErrors errors)
    {
        if (resources.Count == 0)
        {
            errors.Required(path);
        }

        var allOfResource = new HashSet<string>(StringComparer.Ordinal);
        var anyOfSubresource = new HashSet<string>(StringComparer.Ordinal);
        bool everything = false, single = false, plain = false;
        for (int i = 0; i < resources.Count; i++)
        {
            string text = resources[i] as string ?? "";
            if (text.Length == 0)
            {
                errors.Required(path.Index(i));
                continue;
            }

            everything |= text == "*/*";
            single |= text == "*";
            int slash = text.IndexOf('/');
            if (slash < 0)
            {
                // Kubernetes remembers only the last one.
                plain = text != "*";
                continue;
            }

            string resource = text[..slash], subresource = text[(slash + 1)..];
            if (allOfResource.Contains(resource))
            {
                errors.Invalid(path.Index(i), text, $"if '{resource}/*' is present, must not specify {text}");
            }

            if (anyOfSubresource.Contains(subresource))
            {
                errors.Invalid(path.Index(i), text, $"if '*/{subresource}' is present, must not specify {text}");
            }

            if (subresource == "*")
            {
                allOfResource.Add(resource);
            }

            if (resource == "*")
            {
                anyOfSubresource.Add(subresource);
            }
        }

        if (resources.Count > 1 && everything)
        {
            errors.Invalid(path, resources, "if '*/*' is present, must not specify other resources");
        }

        if (single && plain)
        {
            errors.Invalid(path, resources, "if '*' is present, must not specify other resources without subresources");
        }
    }
}
