namespace KubeLite.ControllerRuntime.LeaderElection;

/// <summary>Which Lease decides who leads, and how fast (client-go <c>leaderelection</c>).</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The Lease's namespace. Default <c>kube-system</c>.</summary>
    public string Namespace { get; init; } = "kube-system";

    /// <summary>The Lease's name, such as <c>kube-controller-manager</c>.</summary>
    public required string Name { get; init; }

    /// <summary>This candidate; must differ between candidates.</summary>
    public required string Identity { get; init; }

    /// <summary>How long a leader is followed without a sign of life. Default 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After how long without a successful renewal a leader stops. Default 10 seconds; below <see cref="LeaseDuration"/>.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between attempts. Default 2 seconds; below <see cref="RenewDeadline"/>.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
