namespace KubeLite.Storage;

/// <summary>What a store event reports.</summary>
public enum StoreEventType
{
    /// <summary>The key was created or written.</summary>
    Put,

    /// <summary>The key was deleted or its time to live ran out.</summary>
    Delete,
}
