using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>The containers of a Pod, of every sort.</summary>
public static class PodContainers
{
    private static readonly string[] s_kinds = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>All containers with their paths: init containers, regular ones, ephemeral ones.</summary>
    public static IEnumerable<(JsonMap Container, FieldPath Path)> All(JsonMap spec, FieldPath path)
    {
        foreach (string kind in s_kinds)
        {
            int index = 0;
            foreach (JsonMap container in spec.List(kind)?.Maps() ?? [])
            {
                yield return (container, path.Child(kind).Index(index++));
            }
        }
    }
}
