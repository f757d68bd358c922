using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Cli.Up;

/// <summary>Lets the process of the simulated nodes, which stands for many nodes at once, do what a node may do.</summary>
internal static class SimulatedNodesAccess
{
    /// <summary>The user that the process speaks as.</summary>
    public const string User = "system:kubelite:simulated-nodes";

    /// <summary>Makes the ClusterRoleBinding unless it is there.</summary>
    public static Task GrantAsync(ApiClient admin, CancellationToken cancellationToken) =>
        ClusterAccess.BindAsync(admin, "kubelite:simulated-nodes", "system:node", User, cancellationToken);
}
