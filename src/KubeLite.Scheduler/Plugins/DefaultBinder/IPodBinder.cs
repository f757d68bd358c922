using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DefaultBinder;

/// <summary>Assigns Pods to nodes at the API server.</summary>
internal interface IPodBinder
{
    /// <summary>Creates the Binding; throws when the API server refuses or cannot be reached.</summary>
    Task BindAsync(PodInfo pod, string node, CancellationToken cancellationToken);
}
