using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Cli.Up;

/// <summary>Lets the process of the simulated nodes, which stands for many nodes at once, do what a node may do.</summary>
internal static class SimulatedNodesAccess
{
    /// <summary>The user that the process speaks as.</summary>
    public const string User = "system:kubelite:simulated-nodes";

    /// <summary>Makes the ClusterRoleBinding unless it is there.</summary>
    public static async Task GrantAsync(ApiClient admin, CancellationToken cancellationToken)
    {
        var binding = new V1ClusterRoleBinding
        {
            Metadata = new V1ObjectMeta { Name = "kubelite:simulated-nodes" },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "system:node" },
            Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "User", Name = User }],
        };
        try
        {
            await admin.CreateAsync(binding, cancellationToken);
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            // From an earlier start.
        }
    }
}
