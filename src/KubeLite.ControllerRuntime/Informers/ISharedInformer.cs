using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>What can be said of an informer without knowing its type.</summary>
public interface ISharedInformer
{
    /// <summary>What is cached.</summary>
    ResourceInfo Resource { get; }

    /// <summary>Whether the first list is in the cache.</summary>
    bool HasSynced { get; }

    /// <summary>Ends when the first list is in the cache.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
