using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.ImageLocality;

/// <summary>Prefers nodes that already have the Pod's images, the more the larger and the more widespread they are.</summary>
internal sealed class ImageLocalityPlugin : IPreScorePlugin, IScorePlugin
{
    private const long Megabyte = 1L << 20;
    private const long MinThreshold = 23 * Megabyte;
    private const long MaxContainerThreshold = 1000 * Megabyte;

    private static readonly StateKey<Images> s_images = new();

    /// <inheritdoc/>
    public string Name => "ImageLocality";

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible)
    {
        var count = (pod.Pod.Spec.InitContainers?.Count ?? 0) + (pod.Pod.Spec.Containers?.Count ?? 0);
        List<(string, double)>? images = null;
        foreach (var list in (ReadOnlySpan<IList<k8s.Models.V1Container>?>)[pod.Pod.Spec.InitContainers, pod.Pod.Spec.Containers])
        {
            foreach (var container in list ?? [])
            {
                var name = Normalized(container.Image);
                if (nodes.NodesWithImage(name) is > 0 and var having)
                {
                    (images ??= []).Add((name, (double)having / nodes.All.Count));
                }
            }
        }

        if (images is null)
        {
            return Status.Skip;
        }

        state.Write(s_images, new Images(images, count));
        return Status.Success;
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var images = state.Read(s_images)!;
        long sum = 0;
        foreach (var (name, spread) in images.Names)
        {
            if (node.Images.TryGetValue(name, out var size))
            {
                sum += (long)(size * spread);
            }
        }

        var max = MaxContainerThreshold * images.Containers;
        return IScorePlugin.MaxScore * (Math.Clamp(sum, MinThreshold, max) - MinThreshold) / (max - MinThreshold);
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores)
    {
    }

    private static string Normalized(string? image)
    {
        if (image is null)
        {
            return "";
        }

        return image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;
    }

    private sealed class Images(List<(string Name, double Spread)> names, int containers) : ICycleData
    {
        public List<(string Name, double Spread)> Names => names;

        public int Containers => containers;

        public ICycleData Clone() => this;
    }
}
