using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Authorization;

/// <summary>A rule of a Role or ClusterRole.</summary>
public sealed record PolicyRule(
    IReadOnlyList<string> Verbs,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Resources,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Paths)
{
    /// <summary>Reads a rule.</summary>
    public static PolicyRule Of(JsonMap rule) => new(
        Texts(rule, "verbs"), Texts(rule, "apiGroups"), Texts(rule, "resources"), Texts(rule, "resourceNames"),
        Texts(rule, "nonResourceURLs"));

    /// <summary>True where the rule allows what is wanted.</summary>
    public bool Allows(AuthorizationAttributes wanted)
    {
        if (!Has(Verbs, wanted.Verb))
        {
            return false;
        }

        if (!wanted.IsResource)
        {
            foreach (string path in Paths)
            {
                if (path == "*" || path == wanted.Path ||
                    (path.EndsWith('*') && wanted.Path.StartsWith(path[..^1], StringComparison.Ordinal)))
                {
                    return true;
                }
            }

            return false;
        }

        return Has(Groups, wanted.Group) && HasResource(wanted.Resource, wanted.Subresource)
            && (Names.Count == 0 || Names.Contains(wanted.Name));
    }

    /// <summary>True where the rule names the resource.</summary>
    public bool HasResource(string resource, string subresource)
    {
        string full = subresource.Length == 0 ? resource : $"{resource}/{subresource}";
        foreach (string candidate in Resources)
        {
            if (candidate == "*" || candidate == full)
            {
                return true;
            }

            if (subresource.Length > 0 && candidate.Length == subresource.Length + 2 && candidate.StartsWith(
                "*/", StringComparison.Ordinal) &&
                candidate.EndsWith(subresource, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The JSON form.</summary>
    public JsonMap ToJson()
    {
        var json = new JsonMap { { "verbs", new JsonList(Verbs) } };
        Put("apiGroups", Groups);
        Put("resources", Resources);
        Put("resourceNames", Names);
        Put("nonResourceURLs", Paths);
        return json;

        void Put(string key, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                json.Append(key, new JsonList(values));
            }
        }
    }

    private static bool Has(IReadOnlyList<string> values, string wanted)
    {
        foreach (string value in values)
        {
            if (value == "*" || value == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static string[] Texts(JsonMap rule, string name) => [.. rule.List(name)?.Strings() ?? []];
}
