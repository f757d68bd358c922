using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Cli.Up;

/// <summary>
/// Lets the controller manager do what its controllers do. Kubernetes gives the user <c>system:kube-controller-manager</c>
/// little by itself and one <c>system:controller:*</c> role to each controller; here one identity runs them all, so it gets
/// what these roles allow together.
/// </summary>
internal static class ControllerManagerAccess
{
    private const string Name = "kubelite:controller-manager";
    private const string RolePrefix = "system:controller:";

    /// <summary>Makes the role and its binding, or brings the role up to date.</summary>
    public static async Task GrantAsync(ApiClient admin, CancellationToken cancellationToken)
    {
        var role = new V1ClusterRole { Metadata = new V1ObjectMeta { Name = Name }, Rules = [] };
        V1ClusterRole? present = null;
        foreach (var other in (await admin.ListAsync<V1ClusterRole>(null, ListOptions.None, cancellationToken)).Items)
        {
            if (other.Metadata.Name == Name)
            {
                present = other;
            }
            else if (other.Metadata.Name.StartsWith(RolePrefix, StringComparison.Ordinal))
            {
                foreach (var rule in other.Rules ?? [])
                {
                    role.Rules.Add(rule);
                }
            }
        }

        if (present is null)
        {
            await admin.CreateAsync(role, cancellationToken);
        }
        else if (present.Rules?.Count != role.Rules.Count)
        {
            present.Rules = role.Rules;
            await admin.UpdateAsync(present, cancellationToken);
        }

        await ClusterAccess.BindAsync(admin, Name, Name, "system:kube-controller-manager", cancellationToken);
    }
}
