using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Core.Pods;

namespace KubeLite.ApiServer.Admission;

/// <summary>What a kubelet shows of a Pod that it got from elsewhere; it gets nothing from the cluster.</summary>
internal static class MirrorPod
{
    private static readonly string[] s_containers = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] s_withSecretRef = ["cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos"];

    /// <summary>Whether a Pod is one.</summary>
    public static bool Is(JsonMap pod) => pod.Map("metadata")?.Map("annotations")?.ContainsKey(PodAnnotationValidation.Mirror) == true;

    /// <summary>What it refers to and must not; null for nothing.</summary>
    public static string? Fault(JsonMap spec) =>
        (spec.String("serviceAccountName") ?? "").Length > 0 ? "a mirror pod may not reference service accounts"
        : RefersToSecrets(spec) ? "a mirror pod may not reference secrets"
        : UsesTokens(spec) ? "a mirror pod may not use ServiceAccountToken volume projections"
        : null;

    private static bool UsesTokens(JsonMap spec) => (spec.List("volumes")?.Maps() ?? [])
        .Any(v => v.Map("projected")?.List("sources")?.Maps().Any(s => s.Map("serviceAccountToken") is not null) == true);

    private static bool RefersToSecrets(JsonMap spec) => SecretNames(spec).Any(name => !string.IsNullOrEmpty(name));

    /// <summary>As Kubernetes' VisitPodSecretNames finds them.</summary>
    private static IEnumerable<string?> SecretNames(JsonMap spec) =>
    [
        .. (spec.List("imagePullSecrets")?.Maps() ?? []).Select(s => s.String("name")),
        .. s_containers.SelectMany(kind => spec.List(kind)?.Maps() ?? []).SelectMany(ContainerSecrets.Of).Select(s => s.Secret),
        .. (spec.List("volumes")?.Maps() ?? []).SelectMany(SecretNamesOfVolume),
    ];

    private static IEnumerable<string?> SecretNamesOfVolume(JsonMap volume) =>
    [
        volume.Map("azureFile")?.String("secretName"),
        volume.Map("secret")?.String("secretName"),
        volume.Map("csi")?.Map("nodePublishSecretRef")?.String("name"),
        .. s_withSecretRef.Select(source => volume.Map(source)?.Map("secretRef")?.String("name")),
        .. (volume.Map("projected")?.List("sources")?.Maps() ?? []).Select(s => s.Map("secret")?.String("name")),
    ];
}
