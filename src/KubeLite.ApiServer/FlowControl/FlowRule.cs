using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>Which requests a FlowSchema speaks of: those of one of its subjects that one of its rules names.</summary>
internal sealed class FlowRule
{
    private const string AccountPrefix = "system:serviceaccount:";

    private readonly List<Func<UserInfo, bool>> _subjects = [];
    private readonly List<ResourceRule> _resources = [];
    private readonly List<(string[] Verbs, string[] Paths)> _paths = [];

    /// <summary>Reads one of <c>spec.rules</c>.</summary>
    public FlowRule(JsonMap rule)
    {
        foreach (JsonMap subject in rule.List("subjects")?.Maps() ?? [])
        {
            _subjects.Add(SubjectOf(subject));
        }

        foreach (JsonMap resource in rule.List("resourceRules")?.Maps() ?? [])
        {
            _resources.Add(new ResourceRule(
                Texts(resource, "verbs"), Texts(resource, "apiGroups"), Texts(resource, "resources"), Texts(resource, "namespaces"),
                resource["clusterScope"] is true));
        }

        foreach (JsonMap path in rule.List("nonResourceRules")?.Maps() ?? [])
        {
            _paths.Add((Texts(path, "verbs"), Texts(path, "nonResourceURLs")));
        }
    }

    /// <summary>True where the rule names the request.</summary>
    public bool Matches(ApiRequest request)
    {
        foreach (Func<UserInfo, bool> subject in _subjects)
        {
            if (subject(request.User))
            {
                return request.Info.IsResource ? MatchesResource(request.Info) : MatchesPath(request.Info);
            }
        }

        return false;
    }

    private bool MatchesResource(RequestInfo info)
    {
        foreach (ResourceRule rule in _resources)
        {
            if (Has(rule.Verbs, info.Verb) && Has(rule.Groups, info.Group) && HasResource(rule.Resources, info) &&
                (info.Namespace.Length == 0 ? rule.ClusterScope : Has(rule.Namespaces, info.Namespace)))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesPath(RequestInfo info)
    {
        foreach ((string[] verbs, string[] paths) in _paths)
        {
            if (!Has(verbs, info.Verb))
            {
                continue;
            }

            foreach (string path in paths)
            {
                if (path == "*" || path == info.Path ||
                    (path.EndsWith("/*", StringComparison.Ordinal)
                        && info.Path.AsSpan().StartsWith(path.AsSpan(0, path.Length - 1), StringComparison.Ordinal)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static Func<UserInfo, bool> SubjectOf(JsonMap subject)
    {
        switch (subject.String("kind"))
        {
            case "User":
                string user = subject.Map("user")?.String("name") ?? "";
                return user == "*" ? static _ => true : u => u.Name == user;
            case "Group":
                string group = subject.Map("group")?.String("name") ?? "";
                return group == "*" ? static _ => true : u => u.In(group);
            case "ServiceAccount":
                JsonMap? account = subject.Map("serviceAccount");
                string prefix = $"{AccountPrefix}{account?.String("namespace")}:", name = account?.String("name") ?? "";
                return name == "*" ? u => u.Name.StartsWith(prefix, StringComparison.Ordinal) : u => u.Name == prefix + name;
            default:
                return static _ => false;
        }
    }

    private static bool Has(string[] values, string value)
    {
        foreach (string one in values)
        {
            if (one == "*" || one == value)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasResource(string[] values, RequestInfo info)
    {
        foreach (string one in values)
        {
            if (one == "*" || (info.Subresource.Length == 0
                ? one == info.Resource
                : one.Length == info.Resource.Length + 1 + info.Subresource.Length && one[info.Resource.Length] == '/' &&
                    one.StartsWith(info.Resource, StringComparison.Ordinal) && one.EndsWith(info.Subresource, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private static string[] Texts(JsonMap map, string name) => [.. map.List(name)?.Strings() ?? []];

    private sealed record ResourceRule(string[] Verbs, string[] Groups, string[] Resources, string[] Namespaces, bool ClusterScope);
}
