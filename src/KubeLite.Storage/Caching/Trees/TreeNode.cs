namespace KubeLite.Storage.Caching.Trees;

/// <summary>A node of the persistent tree; never changed once it is reachable from a published tree.</summary>
internal abstract class TreeNode
{
    /// <summary>Entries in a leaf, and children in a branch: 64 keeps a changed path near 1.5 KB and a scan in long runs.</summary>
    public const int MaxWidth = 64;

    /// <summary>Below this a node is merged with a neighbour when both fit into one.</summary>
    public const int MinWidth = 16;

    protected TreeNode(CacheEntry first, int count)
    {
        First = first;
        Count = count;
    }

    /// <summary>The smallest entry below.</summary>
    public CacheEntry First { get; }

    /// <summary>How many entries are below.</summary>
    public int Count { get; }

    /// <summary>Entries of a leaf or children of a branch.</summary>
    public abstract int Width { get; }

    public static T[] InsertAt<T>(T[] items, int index, T item)
    {
        T[] result = new T[items.Length + 1];
        Array.Copy(items, result, index);
        result[index] = item;
        Array.Copy(items, index, result, index + 1, items.Length - index);
        return result;
    }

    public static T[] RemoveAt<T>(T[] items, int index)
    {
        T[] result = new T[items.Length - 1];
        Array.Copy(items, result, index);
        Array.Copy(items, index + 1, result, index, result.Length - index);
        return result;
    }

    public static T[] ReplaceAt<T>(T[] items, int index, T item)
    {
        T[] result = (T[])items.Clone();
        result[index] = item;
        return result;
    }
}

/// <summary>A run of entries.</summary>
internal sealed class TreeLeaf(CacheEntry[] items) : TreeNode(items[0], items.Length)
{
    public CacheEntry[] Items { get; } = items;

    public override int Width => Items.Length;
}

/// <summary>A run of nodes of the level below.</summary>
internal sealed class TreeBranch(TreeNode[] children) : TreeNode(children[0].First, Sum(children))
{
    public TreeNode[] Children { get; } = children;

    public override int Width => Children.Length;

    private static int Sum(TreeNode[] children)
    {
        int sum = 0;
        foreach (TreeNode child in children)
        {
            sum += child.Count;
        }

        return sum;
    }
}
