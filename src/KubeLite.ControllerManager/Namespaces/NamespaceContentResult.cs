namespace KubeLite.ControllerManager.Namespaces;

/// <summary>What one attempt to empty a namespace found.</summary>
internal sealed class NamespaceContentResult
{
    /// <summary>Group versions that discovery could not reach, or why it failed altogether.</summary>
    internal List<string> DiscoveryErrors { get; } = [];

    /// <summary>Deletions and lists that were refused.</summary>
    internal List<string> DeletionErrors { get; } = [];

    /// <summary>How many objects are left, by <c>resource.group</c> (<c>pods.</c> for the core group).</summary>
    internal SortedDictionary<string, int> Remaining { get; } = new(StringComparer.Ordinal);

    /// <summary>How many objects each finalizer holds.</summary>
    internal SortedDictionary<string, int> Finalizers { get; } = new(StringComparer.Ordinal);

    internal bool Failed => DiscoveryErrors.Count > 0 || DeletionErrors.Count > 0;

    internal IEnumerable<string> AllErrors => DiscoveryErrors.Concat(DeletionErrors);
}
