using System.Text;

namespace KubeLite.Storage.Caching;

/// <summary>The field paths of one resource as a tree, so that one pass over an object's JSON finds them all.</summary>
internal sealed class FieldLayout
{
    private readonly string[] _paths;

    public FieldLayout(IReadOnlyList<string> paths)
    {
        _paths = [.. paths];
        Root = new Node("");
        for (int i = 0; i < _paths.Length; i++)
        {
            Root.Add(_paths[i].Split('.'), 0, i);
        }
    }

    public Node Root { get; }

    public int Count => _paths.Length;

    /// <summary>The position of a path, or -1.</summary>
    public int IndexOf(string path)
    {
        for (int i = 0; i < _paths.Length; i++)
        {
            if (string.Equals(_paths[i], path, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>One step of a path.</summary>
    internal sealed class Node(string name)
    {
        private readonly List<Node> _children = [];

        public string Name { get; } = name;

        public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

        /// <summary>The field that ends here, or -1.</summary>
        public int FieldIndex { get; private set; } = -1;

        public List<Node> Children => _children;

        public void Add(string[] steps, int depth, int fieldIndex)
        {
            if (depth == steps.Length)
            {
                FieldIndex = fieldIndex;
                return;
            }

            Node? child = _children.Find(c => c.Name == steps[depth]);
            if (child is null)
            {
                child = new Node(steps[depth]);
                _children.Add(child);
            }

            child.Add(steps, depth + 1, fieldIndex);
        }
    }
}
