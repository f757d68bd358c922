using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>
/// How clients should order the groups and versions of the API (Kubernetes v1.36, <c>cmd/kube-apiserver/app/aggregator.go</c> and
/// <c>controlplane/apiserver/aggregator.go</c>).
/// </summary>
internal static class ApiServicePriorities
{
    private const long CustomGroup = 1000;
    private const long CustomVersion = 100;

    private static readonly Dictionary<(string Group, string Version), (long Group, long Version)> s_builtIn = new()
    {
        [("", "v1")] = (18000, 1),
        [("admissionregistration.k8s.io", "v1")] = (16700, 15),
        [("apiextensions.k8s.io", "v1")] = (16700, 15),
        [("apps", "v1")] = (17800, 15),
        [("authentication.k8s.io", "v1")] = (17700, 15),
        [("authorization.k8s.io", "v1")] = (17600, 15),
        [("autoscaling", "v1")] = (17500, 15),
        [("autoscaling", "v2")] = (17500, 30),
        [("batch", "v1")] = (17400, 15),
        [("certificates.k8s.io", "v1")] = (17300, 15),
        [("coordination.k8s.io", "v1")] = (16500, 15),
        [("discovery.k8s.io", "v1")] = (16200, 15),
        [("events.k8s.io", "v1")] = (17750, 15),
        [("flowcontrol.apiserver.k8s.io", "v1")] = (16100, 21),
        [("networking.k8s.io", "v1")] = (17200, 15),
        [("node.k8s.io", "v1")] = (16300, 15),
        [("policy", "v1")] = (17100, 15),
        [("rbac.authorization.k8s.io", "v1")] = (17000, 15),
        [("resource.k8s.io", "v1")] = (16200, 21),
        [("scheduling.k8s.io", "v1")] = (16600, 15),
        [("storage.k8s.io", "v1")] = (16800, 15),
    };

    /// <summary>The spec of the APIService of a built-in version; null for one that has none: that of APIServices.</summary>
    public static JsonMap? BuiltIn(string group, string version) =>
        s_builtIn.TryGetValue((group, version), out (long Group, long Version) priority)
            ? Spec(group, version, priority.Group, priority.Version)
            : null;

    /// <summary>The spec of the APIService of a version of custom resources.</summary>
    public static JsonMap Custom(string group, string version) => Spec(group, version, CustomGroup, CustomVersion);

    private static JsonMap Spec(string group, string version, long groupPriority, long versionPriority)
    {
        var spec = new JsonMap();
        if (group.Length > 0)
        {
            spec["group"] = group;
        }

        spec["version"] = version;
        spec["groupPriorityMinimum"] = groupPriority;
        spec["versionPriority"] = versionPriority;
        return spec;
    }
}
