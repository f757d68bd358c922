using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// Nobody gives away more than they have: a role may only hold what its author may do, and a binding only refer to a role
/// whose rules its author has, unless they may escalate or bind.
/// </summary>
public sealed class RbacEscalation(Authorizer authorizer) : AdmissionPlugin
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <inheritdoc />
    public override string Name => "RbacEscalation";

    /// <inheritdoc />
    public override ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        UserInfo user = request.Context.User;
        if (request.Context.Resource.Group != Group || request.Object is not { } obj || user.In(UserInfo.Masters))
        {
            return ValueTask.CompletedTask;
        }

        string resource = request.Context.Resource.Name, ns = request.Context.Namespace;
        if (resource is "roles" or "clusterroles")
        {
            if (!JsonValue.DeepEquals(obj["rules"], request.OldObject?["rules"]) &&
                !authorizer.Allows(Attributes(user, "escalate", resource, ns, request.Context.Name)))
            {
                Require(request, user, ns, [.. obj.List("rules")?.Maps().Select(PolicyRule.Of) ?? []]);
            }

            return ValueTask.CompletedTask;
        }

        bool unchanged = request.OldObject is { } old && JsonValue.DeepEquals(obj["roleRef"], old["roleRef"])
            && JsonValue.DeepEquals(obj["subjects"], old["subjects"]);
        JsonMap? role = obj.Map("roleRef");
        string kind = role?.String("kind") ?? "", name = role?.String("name") ?? "";
        if (unchanged || authorizer.Allows(Attributes(user, "bind", kind == "ClusterRole" ? "clusterroles" : "roles", ns, name)))
        {
            return ValueTask.CompletedTask;
        }

        IReadOnlyList<PolicyRule> rules = authorizer.Rbac.RulesOfRole(kind, ns, name)
            ?? throw ApiException.NotFound(Group, kind == "ClusterRole" ? "clusterroles" : "roles", name);
        Require(request, user, ns, rules);
        return ValueTask.CompletedTask;
    }

    private static AuthorizationAttributes Attributes(UserInfo user, string verb, string resource, string ns, string name) =>
        new(user, verb) { Group = Group, Resource = resource, Namespace = ns, Name = name };

    private void Require(AdmissionRequest request, UserInfo user, string ns, IReadOnlyList<PolicyRule> rules)
    {
        List<PolicyRule> own = [.. authorizer.Rbac.RulesOf(user, ns)];
        List<string> missing = [];
        foreach (PolicyRule atom in rules.SelectMany(Atoms))
        {
            if (!own.Any(o => Covers(o, atom)))
            {
                missing.Add(Show(atom));
            }
        }

        if (missing.Count > 0)
        {
            string groups = string.Join(" ", user.Groups.Select(FieldError.GoQuote));
            throw ApiException.Forbidden(Group, request.Context.Resource.Name, request.Context.Name,
                $"user {FieldError.GoQuote(user.Name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n" +
                    $"{string.Join("\n", missing.Order(StringComparer.Ordinal))}");
        }
    }

    private static IEnumerable<PolicyRule> Atoms(PolicyRule rule)
    {
        foreach (string verb in rule.Verbs)
        {
            foreach (string path in rule.Paths)
            {
                yield return new PolicyRule([verb], [], [], [], [path]);
            }

            foreach (string group in rule.Groups)
            {
                foreach (string resource in rule.Resources)
                {
                    if (rule.Names.Count == 0)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [], []);
                    }

                    foreach (string name in rule.Names)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [name], []);
                    }
                }
            }
        }
    }

    private static bool Covers(PolicyRule own, PolicyRule atom)
    {
        bool has(IReadOnlyList<string> values, string wanted) => values.Contains("*") || values.Contains(wanted);
        if (!has(own.Verbs, atom.Verbs[0]))
        {
            return false;
        }

        if (atom.Paths.Count > 0)
        {
            return own.Paths.Any(
                p => p == "*" || p == atom.Paths[0] || (p.EndsWith('*') && atom.Paths[0].StartsWith(p[..^1], StringComparison.Ordinal)));
        }

        string[] parts = atom.Resources[0].Split('/', 2);
        return own.Resources.Count > 0 && has(own.Groups, atom.Groups[0]) && own.HasResource(parts[0], parts.Length > 1 ? parts[1] : "") &&
            (own.Names.Count == 0 || (atom.Names.Count > 0 && own.Names.Contains(atom.Names[0])));
    }

    private static string Show(PolicyRule rule)
    {
        var parts = new List<string>();
        Put("APIGroups", rule.Groups);
        Put("Resources", rule.Resources);
        Put("ResourceNames", rule.Names);
        Put("NonResourceURLs", rule.Paths);
        Put("Verbs", rule.Verbs);
        return $"{{{string.Join(", ", parts)}}}";

        void Put(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                parts.Add($"{name}:[{string.Join(" ", values.Select(FieldError.GoQuote))}]");
            }
        }
    }
}
