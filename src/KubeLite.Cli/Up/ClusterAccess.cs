using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Cli.Up;

/// <summary>Gives users cluster roles.</summary>
internal static class ClusterAccess
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>Makes a ClusterRoleBinding for one user, unless it is there from an earlier start.</summary>
    public static async Task BindAsync(
        ApiClient admin, string binding, string role, string user, CancellationToken cancellationToken)
    {
        try
        {
            await admin.CreateAsync(
                new V1ClusterRoleBinding
                {
                    Metadata = new V1ObjectMeta { Name = binding },
                    RoleRef = new V1RoleRef { ApiGroup = Group, Kind = "ClusterRole", Name = role },
                    Subjects = [new Rbacv1Subject { ApiGroup = Group, Kind = "User", Name = user }],
                },
                cancellationToken);
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            // From an earlier start.
        }
    }
}
