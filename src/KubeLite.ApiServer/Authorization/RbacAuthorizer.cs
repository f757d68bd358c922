using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Authorization;

/// <summary>Role based access control over the Roles, ClusterRoles and bindings in the cache.</summary>
public sealed class RbacAuthorizer(ResourceRegistry registry)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(200);

    private const string Group = "rbac.authorization.k8s.io";

    private static readonly object s_rules = new();
    private static readonly object s_binding = new();

    private readonly Lazy<Caches> _caches = new(() => new Caches(
        registry.Cache(Group, "clusterroles"), registry.Cache(Group, "roles"),
        registry.Cache(Group, "clusterrolebindings"), registry.Cache(Group, "rolebindings")));

    /// <summary>True where a rule of the user's allows it.</summary>
    public bool Allows(AuthorizationAttributes wanted) => Explain(wanted) is not null;

    /// <summary>Which binding allows it, in Kubernetes' words; null where none does.</summary>
    public string? Explain(AuthorizationAttributes wanted)
    {
        foreach ((PolicyRule rule, Binding binding, string subject) in Bound(wanted.User, wanted.Namespace))
        {
            if (rule.Allows(wanted))
            {
                string kind = binding.Namespace.Length == 0 ? "ClusterRoleBinding" : "RoleBinding";
                string name = binding.Namespace.Length == 0 ? binding.Name : $"{binding.Name}/{binding.Namespace}";
                return $"RBAC: allowed by {kind} \"{name}\" of {binding.RoleKind} \"{binding.RoleName}\" to {subject}";
            }
        }

        return null;
    }

    /// <summary>The rules that hold for a user: those for the whole cluster, then those of a namespace where one is given.</summary>
    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string ns) => Bound(user, ns).Select(b => b.Rule);

    /// <summary>The rules of a role that a binding refers to; null where it doesn't exist.</summary>
    public IReadOnlyList<PolicyRule>? RulesOfRole(string kind, string ns, string name)
    {
        CacheEntry? entry = kind == "ClusterRole"
            ? _caches.Value.ClusterRoles.Current.Find("", name)
            : _caches.Value.Roles.Current.Find(ns, name);
        return entry?.GetOrAdd(s_rules, ReadRules);
    }

    /// <summary>Waits until the cache holds all four resources.</summary>
    public async Task WaitReadyAsync(CancellationToken cancellationToken)
    {
        Caches caches = _caches.Value;
        foreach (ResourceCache cache in (ResourceCache[])
            [caches.ClusterRoles, caches.Roles, caches.ClusterRoleBindings, caches.RoleBindings])
        {
            await WaitReadyAsync(cache, cancellationToken);
        }
    }

    private IEnumerable<(PolicyRule Rule, Binding Binding, string Subject)> Bound(UserInfo user, string ns)
    {
        Caches caches = _caches.Value;
        foreach (CacheEntry entry in caches.ClusterRoleBindings.Current.All)
        {
            Binding binding = entry.GetOrAdd(s_binding, Binding.Of);
            if (binding.SubjectOf(user, "") is { } subject)
            {
                foreach (PolicyRule rule in RulesOfRole(binding.RoleKind, "", binding.RoleName) ?? [])
                {
                    yield return (rule, binding, subject);
                }
            }
        }

        if (ns.Length == 0)
        {
            yield break;
        }

        foreach (CacheEntry entry in caches.RoleBindings.Current.Range(ns, null))
        {
            Binding binding = entry.GetOrAdd(s_binding, Binding.Of);
            if (binding.SubjectOf(user, ns) is { } subject)
            {
                foreach (PolicyRule rule in RulesOfRole(binding.RoleKind, ns, binding.RoleName) ?? [])
                {
                    yield return (rule, binding, subject);
                }
            }
        }
    }

    private static async Task WaitReadyAsync(ResourceCache cache, CancellationToken cancellationToken)
    {
        while (!cache.IsReady)
        {
            try
            {
                await cache.ReadAsync(0, cancellationToken);
            }
            catch (StoreException e) when (e.Code is StoreErrorCode.Unavailable or StoreErrorCode.Timeout)
            {
                // A store that is away may come back; damage only a person mends.
                await Task.Delay(s_retry, cancellationToken);
            }
        }
    }

    private static IReadOnlyList<PolicyRule> ReadRules(CacheEntry entry) =>
        [.. ResourceRegistry.Parsed(entry).List("rules")?.Maps().Select(PolicyRule.Of) ?? []];

    private sealed record Caches(
        ResourceCache ClusterRoles, ResourceCache Roles, ResourceCache ClusterRoleBindings, ResourceCache RoleBindings);

    private sealed record Binding(
        string Namespace, string Name, string RoleKind, string RoleName,
        IReadOnlyList<(string Kind, string Name, string Namespace)> Subjects)
    {
        public static Binding Of(CacheEntry entry)
        {
            JsonMap binding = ResourceRegistry.Parsed(entry);
            JsonMap? role = binding.Map("roleRef");
            return new Binding(
                entry.Namespace,
                entry.Name,
                role?.String("kind") ?? "",
                role?.String("name") ?? "",
                [.. binding.List("subjects")?.Maps().Select(
                    s => (s.String("kind") ?? "", s.String("name") ?? "", s.String("namespace") ?? "")) ?? []]);
        }

        /// <summary>The subject that stands for the user; null where none does.</summary>
        public string? SubjectOf(UserInfo user, string ns)
        {
            foreach ((string kind, string name, string subjectNamespace) in Subjects)
            {
                switch (kind)
                {
                    case "User" when user.Name == name:
                    case "Group" when user.In(name):
                        return $"{kind} \"{name}\"";
                    case "ServiceAccount":
                        string where = subjectNamespace.Length > 0 ? subjectNamespace : ns;
                        if (where.Length > 0 && user.Name == $"system:serviceaccount:{where}:{name}")
                        {
                            return $"ServiceAccount \"{name}/{where}\"";
                        }

                        break;
                }
            }

            return null;
        }
    }
}
