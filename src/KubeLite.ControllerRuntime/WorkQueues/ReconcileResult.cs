namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>What is to happen to a key after it was worked on without an error.</summary>
/// <param name="RequeueAfter">When it is to come again if nothing changes before. Null: never.</param>
public readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    /// <summary>Nothing more until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Again after a while.</summary>
    public static ReconcileResult After(TimeSpan delay) => new(delay);
}
