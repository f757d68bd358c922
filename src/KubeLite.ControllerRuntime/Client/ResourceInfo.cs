using System.Collections.Frozen;
using System.Reflection;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// Where objects of one kind are served: group, version, plural name and scope.
/// </summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version inside the group, such as <c>v1</c>.</param>
/// <param name="Plural">The resource name in request paths, such as <c>pods</c>.</param>
/// <param name="Kind">The kind, such as <c>Pod</c>.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
public sealed record ResourceInfo(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    // The models don't say the scope of their kind; everything that isn't here is namespaced.
    private static readonly FrozenSet<string> s_clusterScoped = new[]
    {
        "/namespaces", "/nodes", "/persistentvolumes", "/componentstatuses",
        "admissionregistration.k8s.io/mutatingadmissionpolicies",
        "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
        "admissionregistration.k8s.io/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/validatingadmissionpolicies",
        "admissionregistration.k8s.io/validatingadmissionpolicybindings",
        "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "apiextensions.k8s.io/customresourcedefinitions",
        "apiregistration.k8s.io/apiservices",
        "authentication.k8s.io/selfsubjectreviews",
        "authentication.k8s.io/tokenreviews",
        "authorization.k8s.io/selfsubjectaccessreviews",
        "authorization.k8s.io/selfsubjectrulesreviews",
        "authorization.k8s.io/subjectaccessreviews",
        "certificates.k8s.io/certificatesigningrequests",
        "certificates.k8s.io/clustertrustbundles",
        "flowcontrol.apiserver.k8s.io/flowschemas",
        "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
        "internal.apiserver.k8s.io/storageversions",
        "networking.k8s.io/ingressclasses",
        "networking.k8s.io/ipaddresses",
        "networking.k8s.io/servicecidrs",
        "node.k8s.io/runtimeclasses",
        "rbac.authorization.k8s.io/clusterroles",
        "rbac.authorization.k8s.io/clusterrolebindings",
        "resource.k8s.io/deviceclasses",
        "resource.k8s.io/devicetaintrules",
        "resource.k8s.io/resourceslices",
        "scheduling.k8s.io/priorityclasses",
        "storage.k8s.io/csidrivers",
        "storage.k8s.io/csinodes",
        "storage.k8s.io/storageclasses",
        "storage.k8s.io/volumeattachments",
        "storage.k8s.io/volumeattributesclasses",
        "storagemigration.k8s.io/storageversionmigrations",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The value of <c>apiVersion</c> for objects of this kind: <c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The name that errors and quotas use: <c>pods</c> or <c>deployments.apps</c>.</summary>
    public string GroupResource => Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <summary>The resource of a model type.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> carries no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static ResourceInfo Of<T>() => PerType<T>.Info;

    /// <summary>
    /// The request path of the collection, or of one object in it, without query.
    /// </summary>
    /// <param name="ns">The namespace; null or empty for a cluster-scoped object or all namespaces.</param>
    /// <param name="name">The object's name; null for the collection.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    public string Path(string? ns, string? name, string? subresource)
    {
        var root = Group.Length == 0 ? "/api/" + Version : "/apis/" + Group + "/" + Version;
        var scope = Namespaced && !string.IsNullOrEmpty(ns) ? "/namespaces/" + Uri.EscapeDataString(ns) : "";
        var item = name is null ? "" : "/" + Uri.EscapeDataString(name);
        var sub = subresource is null ? "" : "/" + subresource;
        return root + scope + "/" + Plural + item + sub;
    }

    private static class PerType<T>
    {
        internal static readonly ResourceInfo Info = Create();

        private static ResourceInfo Create()
        {
            var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
                ?? throw new NotSupportedException($"{typeof(T).Name} has no KubernetesEntity attribute, so its resource is unknown.");
            var namespaced = !s_clusterScoped.Contains(entity.Group + "/" + entity.PluralName);
            return new ResourceInfo(entity.Group, entity.ApiVersion, entity.PluralName, entity.Kind, namespaced);
        }
    }
}
