using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Which container of a Pod a request is about.</summary>
public static class PodContainers
{
    /// <summary>The container that is asked for, else the Pod's default, else its only one.</summary>
    /// <exception cref="ApiException">400: the Pod has no such container, or several and none was named.</exception>
    public static string Choose(JsonMap pod, string wanted)
    {
        JsonMap? spec = pod.Map("spec"), metadata = pod.Map("metadata");
        string name = metadata?.String("name") ?? "";
        List<string> containers = [.. Names("containers")], init = [.. Names("initContainers")];
        List<string> ephemeral = [.. Names("ephemeralContainers")];
        if (wanted.Length > 0)
        {
            return containers.Contains(wanted) || init.Contains(wanted) || ephemeral.Contains(wanted)
                ? wanted
                : throw ApiException.BadRequest($"container {wanted} is not valid for pod {name}");
        }

        if (metadata?.Map("annotations")?.String("kubectl.kubernetes.io/default-container") is { } preferred
            && containers.Contains(preferred))
        {
            return preferred;
        }

        if (containers.Count == 1)
        {
            return containers[0];
        }

        string choices = $"a container name must be specified for pod {name}, choose one of: [{string.Join(" ", containers)}]";
        throw ApiException.BadRequest(init.Count > 0 ? $"{choices} or one of the init containers: [{string.Join(" ", init)}]" : choices);

        IEnumerable<string> Names(string kind) => spec?.List(kind)?.Maps().Select(c => c.String("name") ?? "") ?? [];
    }
}
