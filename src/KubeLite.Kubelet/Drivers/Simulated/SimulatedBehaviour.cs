using System.Globalization;
using k8s.Models;
using KubeLite.Hosting.CommandLine;

namespace KubeLite.Kubelet.Drivers.Simulated;

/// <summary>
/// What a simulated container does, as its Pod's annotations say; see docs/simulated-nodes.md. An annotation for one container
/// (<c>simulated.kubelite.io/NAME.exit-code</c>) wins over the one for all (<c>simulated.kubelite.io/exit-code</c>).
/// </summary>
public sealed record SimulatedBehaviour
{
    /// <summary>The prefix of the annotations.</summary>
    public const string Prefix = "simulated.kubelite.io/";

    private static readonly TimeSpan s_shortRun = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_initRun = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the image takes to come and the process to start; zero by default.</summary>
    public TimeSpan StartupDelay { get; init; }

    /// <summary>How long after its start it is ready; zero by default.</summary>
    public TimeSpan ReadyDelay { get; init; }

    /// <summary>
    /// How long it runs; null: until it is stopped. By default a container of a Pod with restartPolicy Always runs for ever,
    /// of any other Pod for 1 s, and an init container for 50 ms.
    /// </summary>
    public TimeSpan? RunDuration { get; init; }

    /// <summary>The exit code when it ends on its own; 0 by default.</summary>
    public int ExitCode { get; init; }

    /// <summary>How long it takes to end when asked to; zero by default. Beyond the grace period it is killed.</summary>
    public TimeSpan StopDelay { get; init; }

    /// <summary>What it writes when it starts; null: a line that names it.</summary>
    public string? Log { get; init; }

    /// <summary>Reads the annotations; a value that cannot be understood counts as not given.</summary>
    public static SimulatedBehaviour Of(ContainerStart start)
    {
        var annotations = start.Pod.Metadata.Annotations;
        var forever = start.Kind is ContainerKind.Sidecar or ContainerKind.Ephemeral
            || (start.Kind == ContainerKind.Main && start.Pod.Spec.RestartPolicy is null or "Always");
        return new SimulatedBehaviour
        {
            StartupDelay = Duration(annotations, start.Name, "startup-delay") ?? TimeSpan.Zero,
            ReadyDelay = Duration(annotations, start.Name, "ready-delay") ?? TimeSpan.Zero,
            StopDelay = Duration(annotations, start.Name, "stop-delay") ?? TimeSpan.Zero,
            RunDuration = Duration(annotations, start.Name, "run-duration")
                ?? (forever ? null : start.Kind == ContainerKind.Init ? s_initRun : s_shortRun),
            ExitCode = int.TryParse(
                Text(annotations, start.Name, "exit-code"), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 0,
            Log = Text(annotations, start.Name, "log"),
        };
    }

    private static TimeSpan? Duration(IDictionary<string, string>? annotations, string container, string name) =>
        GoDuration.TryParse(Text(annotations, container, name), out var value) && value >= TimeSpan.Zero ? value : null;

    private static string? Text(IDictionary<string, string>? annotations, string container, string name) =>
        annotations is null ? null
        : annotations.TryGetValue(Prefix + container + "." + name, out var own) ? own
        : annotations.TryGetValue(Prefix + name, out var common) ? common : null;
}
