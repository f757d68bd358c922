namespace KubeLite.Storage.Caching.Trees;

/// <summary>A persistent (copy-on-write) ordered set of entries: a B+ tree whose updates copy one path. Immutable.</summary>
internal sealed class EntryTree
{
    private const int BulkFill = 48;

    private readonly TreeNode? _root;
    private readonly EntryOrder _order;

    private EntryTree(TreeNode? root, EntryOrder order)
    {
        _root = root;
        _order = order;
    }

    public int Count => _root?.Count ?? 0;

    /// <summary>Builds a tree from entries that are sorted in its order already.</summary>
    public static EntryTree FromSorted(List<CacheEntry> sorted, EntryOrder order)
    {
        if (sorted.Count == 0)
        {
            return new EntryTree(null, order);
        }

        List<TreeNode> level = new(sorted.Count / BulkFill + 1);
        for (int i = 0; i < sorted.Count; i += BulkFill)
        {
            level.Add(new TreeLeaf([.. sorted[i..Math.Min(i + BulkFill, sorted.Count)]]));
        }

        while (level.Count > 1)
        {
            List<TreeNode> above = new(level.Count / BulkFill + 1);
            for (int i = 0; i < level.Count; i += BulkFill)
            {
                above.Add(new TreeBranch([.. level[i..Math.Min(i + BulkFill, level.Count)]]));
            }

            level = above;
        }

        return new EntryTree(level[0], order);
    }

    /// <summary>The entry at a position, or null.</summary>
    public CacheEntry? Find(ReadOnlySpan<char> value, ReadOnlySpan<char> key)
    {
        TreeNode? node = _root;
        while (node is TreeBranch branch)
        {
            node = branch.Children[ChildFor(branch, value, key)];
        }

        return node is TreeLeaf leaf && Search(leaf, value, key, out int index) ? leaf.Items[index] : null;
    }

    /// <summary>How many entries stand before a position.</summary>
    public int Rank(ReadOnlySpan<char> value, ReadOnlySpan<char> key)
    {
        int rank = 0;
        TreeNode? node = _root;
        while (node is TreeBranch branch)
        {
            int child = ChildFor(branch, value, key);
            for (int i = 0; i < child; i++)
            {
                rank += branch.Children[i].Count;
            }

            node = branch.Children[child];
        }

        if (node is TreeLeaf leaf)
        {
            Search(leaf, value, key, out int index);
            rank += index;
        }

        return rank;
    }

    /// <summary>The leaf that holds the entry of this rank (which must exist), and the entry's place in it.</summary>
    public CacheEntry[] LeafAt(int rank, out int offset)
    {
        TreeNode node = _root!;
        while (node is TreeBranch branch)
        {
            int child = 0;
            while (rank >= branch.Children[child].Count)
            {
                rank -= branch.Children[child].Count;
                child++;
            }

            node = branch.Children[child];
        }

        offset = rank;
        return ((TreeLeaf)node).Items;
    }

    /// <summary>A tree with the entry put in, in place of one at the same position.</summary>
    public EntryTree Set(CacheEntry entry)
    {
        if (_root is null)
        {
            return new EntryTree(new TreeLeaf([entry]), _order);
        }

        (TreeNode left, TreeNode? right) = Set(_root, entry, _order.ValueOf(entry));
        return new EntryTree(right is null ? left : new TreeBranch([left, right]), _order);
    }

    /// <summary>A tree without the entry at this entry's position; this tree when there is none.</summary>
    public EntryTree Remove(CacheEntry entry)
    {
        string value = _order.ValueOf(entry);
        if (_root is null || Find(value, entry.Key) is null)
        {
            return this;
        }

        TreeNode? root = Remove(_root, value, entry.Key);
        while (root is TreeBranch { Children.Length: 1 } branch)
        {
            root = branch.Children[0];
        }

        return new EntryTree(root, _order);
    }

    private (TreeNode Left, TreeNode? Right) Set(TreeNode node, CacheEntry entry, string value)
    {
        if (node is TreeLeaf leaf)
        {
            if (Search(leaf, value, entry.Key, out int index))
            {
                return (new TreeLeaf(TreeNode.ReplaceAt(leaf.Items, index, entry)), null);
            }

            CacheEntry[] items = TreeNode.InsertAt(leaf.Items, index, entry);
            return items.Length <= TreeNode.MaxWidth
                ? (new TreeLeaf(items), null)
                : (new TreeLeaf(items[..SplitPoint(items.Length, index)]), new TreeLeaf(items[SplitPoint(items.Length, index)..]));
        }

        TreeBranch branch = (TreeBranch)node;
        int child = ChildFor(branch, value, entry.Key);
        (TreeNode left, TreeNode? right) = Set(branch.Children[child], entry, value);
        TreeNode[] children = TreeNode.ReplaceAt(branch.Children, child, left);
        if (right is null)
        {
            return (new TreeBranch(children), null);
        }

        children = TreeNode.InsertAt(children, child + 1, right);
        int split = SplitPoint(children.Length, child + 1);
        return children.Length <= TreeNode.MaxWidth
            ? (new TreeBranch(children), null)
            : (new TreeBranch(children[..split]), new TreeBranch(children[split..]));
    }

    // Keys often arrive in ascending order; then a split in the middle would leave every node half full.
    private static int SplitPoint(int length, int insertedAt) => insertedAt == length - 1 ? length - TreeNode.MinWidth : length / 2;

    private TreeNode? Remove(TreeNode node, string value, string key)
    {
        if (node is TreeLeaf leaf)
        {
            Search(leaf, value, key, out int index);
            return leaf.Items.Length == 1 ? null : new TreeLeaf(TreeNode.RemoveAt(leaf.Items, index));
        }

        TreeBranch branch = (TreeBranch)node;
        int child = ChildFor(branch, value, key);
        TreeNode? changed = Remove(branch.Children[child], value, key);
        if (changed is null)
        {
            return branch.Children.Length == 1 ? null : new TreeBranch(TreeNode.RemoveAt(branch.Children, child));
        }

        TreeNode[] children = TreeNode.ReplaceAt(branch.Children, child, changed);
        return new TreeBranch(changed.Width < TreeNode.MinWidth ? Merge(children, child) : children);
    }

    private static TreeNode[] Merge(TreeNode[] children, int index)
    {
        int left = index > 0 && children[index - 1].Width + children[index].Width <= TreeNode.MaxWidth ? index - 1 : index;
        if (left + 1 >= children.Length || children[left].Width + children[left + 1].Width > TreeNode.MaxWidth)
        {
            return children;
        }

        TreeNode merged = (children[left], children[left + 1]) switch
        {
            (TreeLeaf a, TreeLeaf b) => new TreeLeaf([.. a.Items, .. b.Items]),
            (TreeBranch a, TreeBranch b) => new TreeBranch([.. a.Children, .. b.Children]),
            _ => throw new InvalidOperationException("all children of a branch are of one level"),
        };
        return TreeNode.ReplaceAt(TreeNode.RemoveAt(children, left + 1), left, merged);
    }

    /// <summary>The last child whose first entry is not after the position; the first child when all are.</summary>
    private int ChildFor(TreeBranch branch, ReadOnlySpan<char> value, ReadOnlySpan<char> key)
    {
        int low = 1;
        int high = branch.Children.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_order.Compare(branch.Children[middle].First, value, key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private bool Search(TreeLeaf leaf, ReadOnlySpan<char> value, ReadOnlySpan<char> key, out int index)
    {
        int low = 0;
        int high = leaf.Items.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int compared = _order.Compare(leaf.Items[middle], value, key);
            if (compared == 0)
            {
                index = middle;
                return true;
            }

            if (compared < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        index = low;
        return false;
    }
}
