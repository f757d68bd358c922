using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Authorization;

/// <summary>
/// What a kubelet may do: its own Node, Lease and CSINode, the Pods bound to it, and what those Pods refer to
/// (Kubernetes' Node authorization mode).
/// </summary>
public sealed class NodeAuthorizer(ResourceRegistry registry)
{
    private const string UserPrefix = "system:node:";
    private const string NodesGroup = "system:nodes";

    private static readonly string[] s_read = ["get", "list", "watch"];

    /// <summary>True where a kubelet may do it; false for everyone else.</summary>
    public bool Allows(AuthorizationAttributes wanted)
    {
        if (!wanted.IsResource || !wanted.User.Name.StartsWith(UserPrefix, StringComparison.Ordinal) || !wanted.User.In(NodesGroup))
        {
            return false;
        }

        string node = wanted.User.Name[UserPrefix.Length..];
        bool reads = s_read.Contains(wanted.Verb);
        return (wanted.Group, wanted.Resource, wanted.Subresource) switch
        {
            ("", "nodes", "" or "status") => wanted.Verb is "create" || (reads && wanted.Name is "" or null) || wanted.Name == node,
            ("", "pods", "") => reads || wanted.Verb is "create" or "delete",
            ("", "pods", "status") => wanted.Verb is "update" or "patch",
            ("", "pods", "eviction") => wanted.Verb == "create",
            ("", "services" or "namespaces", "") => reads,
            ("", "events", "") or ("events.k8s.io", "events", "") => wanted.Verb is "create" or "update" or "patch",
            ("", "secrets", "") => reads && wanted.Name.Length > 0 && Refers(node, wanted.Namespace, "secret", wanted.Name),
            ("", "configmaps", "") => reads && wanted.Name.Length > 0 && Refers(node, wanted.Namespace, "configMap", wanted.Name),
            ("", "persistentvolumeclaims", "" or "status") =>
                wanted.Verb is "get" or "update" or "patch" && Refers(node, wanted.Namespace, "persistentVolumeClaim", wanted.Name),
            ("", "persistentvolumes", "") => wanted.Verb == "get",
            ("", "serviceaccounts", "token") => wanted.Verb == "create" && UsesAccount(node, wanted.Namespace, wanted.Name),
            ("", "serviceaccounts", "") => wanted.Verb == "get" && UsesAccount(node, wanted.Namespace, wanted.Name),
            ("coordination.k8s.io", "leases", "") =>
                wanted.Namespace == "kube-node-lease" && (wanted.Verb == "create" || wanted.Name == node),
            ("storage.k8s.io", "csinodes", "") => wanted.Verb == "create" || wanted.Name == node,
            ("storage.k8s.io", "csidrivers" or "volumeattachments", "") => reads,
            ("node.k8s.io", "runtimeclasses", "") => reads,
            ("certificates.k8s.io", "certificatesigningrequests", "") => reads || wanted.Verb == "create",
            ("certificates.k8s.io", "certificatesigningrequests", "selfnodeclient") => wanted.Verb == "create",
            ("authentication.k8s.io", "tokenreviews", "") => wanted.Verb == "create",
            ("authorization.k8s.io", "subjectaccessreviews" or "localsubjectaccessreviews", "") => wanted.Verb == "create",
            ("resource.k8s.io", "resourceslices", "") => true,
            ("resource.k8s.io", "resourceclaims", "") => wanted.Verb == "get",
            _ => false,
        };
    }

    private bool UsesAccount(string node, string ns, string account) =>
        PodsOn(node, ns).Any(p => p.Map("spec")?.String("serviceAccountName") == account);

    /// <summary>True where a Pod on the node refers to an object by volume, environment or pull secret.</summary>
    private bool Refers(string node, string ns, string kind, string name) =>
        PodsOn(node, ns).Any(p => p.Map("spec") is { } spec && Mentions(spec, kind, name));

    private IEnumerable<JsonMap> PodsOn(string node, string ns)
    {
        CacheSnapshot snapshot = registry.Cache("", "pods").Current;
        foreach (CacheEntry entry in snapshot.WithField("spec.nodeName", node))
        {
            if (entry.Namespace == ns)
            {
                yield return ResourceRegistry.Parsed(entry);
            }
        }
    }

    private static bool Mentions(object? value, string kind, string name) => value switch
    {
        JsonMap map => map.Any(m =>
            (m.Value is JsonMap source && NamesKind(m.Key, kind) &&
                (source.String("name") ?? source.String("secretName") ?? source.String("claimName")) == name) ||
            (m.Key == "imagePullSecrets" && kind == "secret" && m.Value is JsonList secrets
                && secrets.Maps().Any(s => s.String("name") == name)) ||
            Mentions(m.Value, kind, name)),
        JsonList list => list.Any(i => Mentions(i, kind, name)),
        _ => false,
    };

    private static bool NamesKind(string member, string kind) => kind switch
    {
        "secret" => member is "secret" or "secretRef" or "secretKeyRef" or "nodePublishSecretRef",
        "configMap" => member is "configMap" or "configMapRef" or "configMapKeyRef",
        _ => member == kind,
    };
}
