using k8s.Models;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The annotations by which claims and volumes remember how they came together.</summary>
internal static class VolumeAnnotations
{
    internal const string BindCompleted = "pv.kubernetes.io/bind-completed";
    internal const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    internal const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    internal const string SelectedNode = "volume.kubernetes.io/selected-node";
    internal const string Provisioner = "volume.kubernetes.io/storage-provisioner";
    internal const string BetaProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
    internal const string BetaClass = "volume.beta.kubernetes.io/storage-class";

    internal static bool Has(V1ObjectMeta metadata, string name) => metadata.Annotations?.ContainsKey(name) == true;

    internal static Dictionary<string, string> With(V1ObjectMeta metadata, params ReadOnlySpan<(string Name, string Value)> added)
    {
        var annotations = new Dictionary<string, string>(metadata.Annotations ?? new Dictionary<string, string>());
        foreach (var (name, value) in added)
        {
            annotations[name] = value;
        }
        return annotations;
    }
}
