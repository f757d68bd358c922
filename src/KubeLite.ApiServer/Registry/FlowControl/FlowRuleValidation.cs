using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>Validates the rules of FlowSchemas: whose requests, and which.</summary>
internal static class FlowRuleValidation
{
    private const string NamespaceForm = "each member of this list must be '*' or a DNS-1123 label; ";

    private static readonly string[] s_verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

    private static readonly (string Kind, string Member)[] s_subjects =
        [("User", "user"), ("Group", "group"), ("ServiceAccount", "serviceAccount")];

    /// <summary>Adds the faults of one rule with its subjects.</summary>
    public static void Rule(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        JsonList subjects = rule.List("subjects") ?? [];
        if (subjects.Count == 0)
        {
            errors.Required(path.Child("subjects"), "subjects must contain at least one value");
        }

        Each(subjects, path.Child("subjects"), (subject, at) => Subject(subject, at, errors));
        JsonList resources = rule.List("resourceRules") ?? [], urls = rule.List("nonResourceRules") ?? [];
        if (resources.Count == 0 && urls.Count == 0)
        {
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }

        Each(resources, path.Child("resourceRules"), (resource, at) => Resource(resource, at, errors));
        Each(urls, path.Child("nonResourceRules"), (url, at) => NonResource(url, at, errors));
    }

    private static void Each(JsonList list, FieldPath path, Action<JsonMap, FieldPath> validate)
    {
        int i = 0;
        foreach (JsonMap item in list.Maps())
        {
            validate(item, path.Index(i++));
        }
    }

    private static void Subject(JsonMap subject, FieldPath path, FieldErrors errors)
    {
        string kind = subject.String("kind") ?? "";
        string? member = s_subjects.FirstOrDefault(s => s.Kind == kind).Member;
        if (member is null)
        {
            errors.NotSupported(path.Child("kind"), kind, "Group", "ServiceAccount", "User");
            return;
        }

        if (subject.Map(member) is { } details)
        {
            SubjectDetails(kind, details, path.Child(member), errors);
        }
        else
        {
            errors.Required(path.Child(member), $"{member} is required when subject kind is '{kind}'");
        }

        // Where two others stand, a ServiceAccount that doesn't belong is told first, but for its own kind.
        foreach (string other in kind == "ServiceAccount" ? (string[])["user", "group"] : ["serviceAccount", "group", "user"])
        {
            if (other != member && subject.Map(other) is not null)
            {
                string owner = s_subjects.First(s => s.Member == other).Kind;
                errors.Forbidden(path.Child(other), $"{other} is forbidden when subject kind is not '{owner}'");
            }
        }
    }

    private static void SubjectDetails(string kind, JsonMap details, FieldPath path, FieldErrors errors)
    {
        string name = details.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }

        if (kind != "ServiceAccount")
        {
            return;
        }

        if (name is not ("" or "*"))
        {
            FieldRules.Subdomain(name, path.Child("name"), errors);
        }

        if (details.String("namespace") is { Length: > 0 } ns)
        {
            FieldRules.Label(ns, path.Child("namespace"), errors);
        }
        else
        {
            errors.Required(path.Child("namespace"), "must specify namespace for service account");
        }
    }

    private static void Resource(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        Verbs(rule.List("verbs") ?? [], path.Child("verbs"), errors);
        All(
            rule.List("apiGroups") ?? [], path.Child("apiGroups"),
            "resource rules must supply at least one api group", "api groups", errors);
        All(rule.List("resources") ?? [], path.Child("resources"), "resource rules must supply at least one resource", "resources", errors);
        JsonList namespaces = rule.List("namespaces") ?? [];
        FieldPath at = path.Child("namespaces");
        if (namespaces.Count > 0 || !rule.Flag("clusterScope"))
        {
            All(namespaces, at, "resource rules that are not cluster scoped must supply at least one namespace", "namespaces", errors);
        }

        for (int i = 0; i < namespaces.Count && !namespaces.Contains("*"); i++)
        {
            string name = namespaces[i] as string ?? "";
            FieldRules.Follows(NameRules.DnsLabel(name).Select(fault => NamespaceForm + fault), name, at.Index(i), errors);
        }
    }

    private static void NonResource(JsonMap rule, FieldPath path, FieldErrors errors)
    {
        Verbs(rule.List("verbs") ?? [], path.Child("verbs"), errors);
        JsonList urls = rule.List("nonResourceURLs") ?? [];
        path = path.Child("nonResourceURLs");
        All(urls, path, "nonResourceURLs must contain at least one value", "non-resource URLs", errors);
        for (int i = 0; i < urls.Count && !urls.Contains("*"); i++)
        {
            string url = urls[i] as string ?? "";
            if (UrlFault(url) is { } fault)
            {
                errors.Invalid(path.Index(i), url, fault);
            }
        }
    }

    private static string? UrlFault(string url)
    {
        int stars = url.Count(c => c == '*');
        return url switch
        {
            "" => "must not be empty",
            "/" => null,
            _ when url[0] != '/' => "must start with slash",
            _ when url.Contains(' ') => "must not contain white-space",
            _ when url.Contains("//", StringComparison.Ordinal) => "must not contain double slash",
            _ when stars > 1 || (stars == 1 && !url.EndsWith("/*", StringComparison.Ordinal)) => "wildcard can only do suffix matching",
            _ => null,
        };
    }

    private static void Verbs(JsonList verbs, FieldPath path, FieldErrors errors)
    {
        All(verbs, path, "verbs must contain at least one value", "verbs", errors);
        if (!verbs.Contains("*") && verbs.Any(v => !s_verbs.Contains(v as string)))
        {
            errors.NotSupported(path, verbs, s_verbs);
        }
    }

    private static void All(JsonList items, FieldPath path, string empty, string what, FieldErrors errors)
    {
        if (items.Count == 0)
        {
            errors.Required(path, empty);
        }
        else if (items.Count > 1 && items.Contains("*"))
        {
            errors.Invalid(path, items, $"if '*' is present, must not specify other {what}");
        }
    }
}
