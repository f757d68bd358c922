using KubeLite.Storage.Caching.Trees;

namespace KubeLite.Storage.Caching;

/// <summary>A run of entries of a snapshot, in order; enumerating it does not allocate.</summary>
public readonly struct CacheRange
{
    private readonly EntryTree _tree;
    private readonly int _start;
    private readonly int _end;

    internal CacheRange(EntryTree tree, int start, int end)
    {
        _tree = tree;
        _start = start;
        _end = Math.Max(start, end);
    }

    /// <summary>How many entries the run holds; computed without visiting them.</summary>
    public int Count => _end - _start;

    /// <summary>Enumerates the entries.</summary>
    public Enumerator GetEnumerator() => new(_tree, _start, _end);

    /// <summary>Walks the entries in order.</summary>
    public struct Enumerator
    {
        private readonly EntryTree _tree;
        private readonly int _end;
        private CacheEntry[] _leaf;
        private int _next;
        private int _offset;

        internal Enumerator(EntryTree tree, int start, int end)
        {
            _tree = tree;
            _next = start;
            _end = end;
            _leaf = [];
            _offset = 0;
        }

        /// <summary>The entry the enumerator stands on.</summary>
        public readonly CacheEntry Current => _leaf[_offset];

        /// <summary>Goes to the next entry; false at the end.</summary>
        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            if (++_offset >= _leaf.Length)
            {
                _leaf = _tree.LeafAt(_next, out _offset);
            }

            _next++;
            return true;
        }
    }
}
