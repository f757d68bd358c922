using KubeLite.ControllerRuntime.Client;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DefaultBinder;

/// <summary>Binds a Pod by its <c>binding</c> subresource.</summary>
internal sealed class DefaultBinderPlugin(IPodBinder binder) : IBindPlugin
{
    private const string PluginName = "DefaultBinder";

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public async ValueTask<Status> BindAsync(CycleState state, PodInfo pod, string node, CancellationToken cancellationToken)
    {
        try
        {
            await binder.BindAsync(pod, node, cancellationToken);
            return Status.Success;
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
        {
            return Status.Error(PluginName, e.Message);
        }
    }
}
