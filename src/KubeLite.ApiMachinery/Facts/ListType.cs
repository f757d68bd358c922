namespace KubeLite.ApiMachinery.Facts;

/// <summary>How the items of a list are told apart by server-side apply (KEP-555, <c>x-kubernetes-list-type</c>).</summary>
public enum ListType
{
    /// <summary>The list is one value.</summary>
    Atomic,

    /// <summary>Items are scalars, each at most once.</summary>
    Set,

    /// <summary>Items are objects that are told apart by their keys.</summary>
    Map,
}
