using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.ClusterRoles;

/// <summary>The <c>clusterrole-aggregation-controller</c>: fills ClusterRoles with the rules of those that they select.</summary>
public sealed class ClusterRoleAggregationController : KeyedController<string>
{
    private readonly SharedInformer<V1ClusterRole> _roles;

    /// <summary>Asks for the informer.</summary>
    public ClusterRoleAggregationController(ControllerContext context) : base(context, "clusterrole-aggregation-controller", 2)
    {
        _roles = Watch<V1ClusterRole>();
        _roles.AddHandler(ResourceEventHandler<V1ClusterRole>.Any(_ => EnqueueAggregating()));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_roles.Store.Get("", key) is not { AggregationRule.ClusterRoleSelectors: { } selectors } role)
        {
            return ReconcileResult.Done;
        }
        var rules = new List<V1PolicyRule>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var selector in selectors)
        {
            foreach (var other in _roles.Store.List().OrderBy(r => r.Metadata.Name, StringComparer.Ordinal))
            {
                if (other.Metadata.Name == key || !LabelSelectors.Matches(selector, other.Metadata.Labels))
                {
                    continue;
                }
                foreach (var rule in other.Rules ?? [])
                {
                    if (seen.Add(Convert.ToBase64String(JsonCompare.Canonical(rule))))
                    {
                        rules.Add(rule);
                    }
                }
            }
        }
        if (!JsonCompare.Same<IList<V1PolicyRule>>(role.Rules ?? [], rules))
        {
            await Client.UpdateAsync(role with { Rules = rules }, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private void EnqueueAggregating()
    {
        foreach (var role in _roles.Store.List())
        {
            if (role.AggregationRule is not null)
            {
                Queue.Add(role.Metadata.Name);
            }
        }
    }
}
