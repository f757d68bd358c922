namespace KubeLite.ControllerManager.GarbageCollection;

/// <summary>What the collector may attempt.</summary>
public enum GcAction
{
    /// <summary>Look which resources there are.</summary>
    Discover,

    /// <summary>Delete an object if its owners are gone, or let one go whose dependents are.</summary>
    Delete,

    /// <summary>Cut an object's dependents loose, then let it go.</summary>
    Orphan,
}
