using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.ServiceAccounts;

/// <summary>The <c>serviceaccount-controller</c>: every active namespace has a ServiceAccount <c>default</c>.</summary>
public sealed class ServiceAccountController : KeyedController<string>
{
    private const string Default = "default";

    private readonly SharedInformer<V1Namespace> _namespaces;
    private readonly SharedInformer<V1ServiceAccount> _accounts;

    /// <summary>Asks for the informers.</summary>
    public ServiceAccountController(ControllerContext context) : base(context, "serviceaccount-controller", 1)
    {
        _namespaces = Watch<V1Namespace>();
        _accounts = Watch<V1ServiceAccount>();
        _namespaces.AddHandler(
            new ResourceEventHandler<V1Namespace>(n => Queue.Add(n.Metadata.Name), (_, n) => Queue.Add(n.Metadata.Name)));
        _accounts.AddHandler(new ResourceEventHandler<V1ServiceAccount>(deleted: a =>
        {
            if (a.Metadata.Name == Default)
            {
                Queue.Add(a.Metadata.NamespaceProperty);
            }
        }));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Store.Get("", key) is not { } ns || ns.Status?.Phase == "Terminating"
            || _accounts.Store.Get(key, Default) is not null)
        {
            return ReconcileResult.Done;
        }
        try
        {
            await Client.CreateAsync(
                new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = Default, NamespaceProperty = key } },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating || e.IsNotFound)
        {
            // It is there, or its namespace is going.
        }
        return ReconcileResult.Done;
    }
}
