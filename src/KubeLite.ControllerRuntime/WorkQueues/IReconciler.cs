namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>Brings the world one step nearer to what an object asks for.</summary>
public interface IReconciler<in TKey>
{
    /// <summary>
    /// Works on one key, level-driven: it looks at the cached state, not at what changed. Never called twice at once for
    /// one key. An exception brings the key back after its back-off, except <see cref="TerminalReconcileException"/>.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(TKey key, CancellationToken cancellationToken);
}
