using System.Globalization;
using System.Text;
using k8s.Models;

namespace KubeLite.Kubelet.Drivers.Simulated;

/// <summary>
/// The log of a simulated container. It is made up when it is read, from the annotation and the times in the Pod's status, so
/// it costs nothing to keep and outlives the process.
/// </summary>
internal static class SimulatedLog
{
    /// <summary>The lines of one run with their times.</summary>
    public static List<(DateTimeOffset Time, string Text)> Lines(V1Pod pod, string container, string containerId, DateTimeOffset now)
    {
        var started = StartOf(pod, containerId) ?? now;
        var kind = new ContainerStart(pod, container, "", ContainerKind.Main, 0);
        var text = SimulatedBehaviour.Of(kind).Log
            ?? $"simulated container {container} of Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} on {pod.Spec.NodeName}";
        var lines = new List<(DateTimeOffset, string)>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            lines.Add((started, line));
        }

        return lines;
    }

    /// <summary>Writes the lines that are asked for.</summary>
    public static async Task WriteAsync(
        List<(DateTimeOffset Time, string Text)> lines, LogRequest request, Stream output, CancellationToken cancellationToken)
    {
        var since = request.Since;
        var wanted = since is null ? lines : lines.FindAll(line => line.Time >= since);
        var first = request.TailLines is { } tail ? Math.Max(0, wanted.Count - tail) : 0;
        var left = request.LimitBytes ?? long.MaxValue;
        for (var i = first; i < wanted.Count && left > 0; i++)
        {
            var (time, text) = wanted[i];
            var stamp = request.Timestamps
                ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture)
                : "";
            var bytes = Encoding.UTF8.GetBytes(stamp + text + "\n");
            var count = (int)Math.Min(left, bytes.Length);
            await output.WriteAsync(bytes.AsMemory(0, count), cancellationToken);
            left -= count;
        }
    }

    private static DateTimeOffset? StartOf(V1Pod pod, string containerId)
    {
        foreach (var statuses in (IEnumerable<IList<V1ContainerStatus>?>)
            [pod.Status?.ContainerStatuses, pod.Status?.InitContainerStatuses, pod.Status?.EphemeralContainerStatuses])
        {
            foreach (var status in statuses ?? [])
            {
                var start = status.LastState?.Terminated is { } last && last.ContainerID == containerId
                    ? last.StartedAt
                    : status.ContainerID == containerId ? status.State?.Running?.StartedAt ?? status.State?.Terminated?.StartedAt : null;
                if (start is { } found)
                {
                    return new DateTimeOffset(found, TimeSpan.Zero);
                }
            }
        }

        return null;
    }
}
