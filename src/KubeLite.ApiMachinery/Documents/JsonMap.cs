using System.Collections;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>
/// A JSON object that keeps the order of its members. Values are <c>null</c>, <see cref="bool"/>, <see cref="long"/>,
/// <see cref="double"/>, <see cref="string"/>, <see cref="JsonMap"/> or <see cref="JsonList"/>. Not thread-safe while
/// it is written; what a cache holds is never written.
/// </summary>
public sealed class JsonMap : IEnumerable<KeyValuePair<string, object?>>
{
    // A Pod's spec and a container have a member or two less: for them an index would cost more than it saves.
    private const int IndexThreshold = 16;

    private static readonly Comparer<KeyValuePair<string, object?>> s_byName =
        Comparer<KeyValuePair<string, object?>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    private KeyValuePair<string, object?>[] _entries;
    private int _count;
    private Dictionary<string, int>? _index;

    /// <summary>An empty map.</summary>
    public JsonMap() : this(0) { }

    /// <summary>An empty map with room for <paramref name="capacity"/> members.</summary>
    public JsonMap(int capacity) => _entries = capacity == 0 ? [] : new KeyValuePair<string, object?>[capacity];

    /// <summary>How many members there are.</summary>
    public int Count => _count;

    /// <summary>The member at a position, in order of insertion.</summary>
    public KeyValuePair<string, object?> At(int position) => _entries[position];

    /// <summary>Reads a member (null where it is absent) or sets it, keeping the position of one that exists.</summary>
    public object? this[string key]
    {
        get => IndexOf(key) is >= 0 and var i ? _entries[i].Value : null;
        set
        {
            int i = IndexOf(key);
            if (i >= 0)
            {
                _entries[i] = new(_entries[i].Key, value);
            }
            else
            {
                Append(key, value);
            }
        }
    }

    /// <summary>True where the member exists, even as null.</summary>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <summary>Reads a member.</summary>
    public bool TryGetValue(string key, out object? value)
    {
        int i = IndexOf(key);
        value = i >= 0 ? _entries[i].Value : null;
        return i >= 0;
    }

    /// <summary>The member as a map, made and added where it is absent or no map.</summary>
    public JsonMap MapAt(string key)
    {
        if (this[key] is JsonMap map)
        {
            return map;
        }

        map = new JsonMap();
        this[key] = map;
        return map;
    }

    /// <summary>The member as a string; null where it is absent or something else.</summary>
    public string? String(string key) => this[key] as string;

    /// <summary>The member as a map; null where it is absent or something else.</summary>
    public JsonMap? Map(string key) => this[key] as JsonMap;

    /// <summary>The member as a list; null where it is absent or something else.</summary>
    public JsonList? List(string key) => this[key] as JsonList;

    /// <summary>The member as an integer; null where it is absent or something else.</summary>
    public long? Integer(string key) => this[key] as long?;

    /// <summary>The member as a boolean; false where it is absent or something else.</summary>
    public bool Flag(string key) => this[key] is true;

    /// <summary>Adds a member that is known to be new.</summary>
    public void Append(string key, object? value)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        }

        _entries[_count] = new(key, value);
        if (_index is not null)
        {
            _index[key] = _count;
        }

        _count++;
    }

    /// <summary>Sets a member where it is absent.</summary>
    /// <returns>True where it was absent.</returns>
    public bool SetDefault(string key, object? value)
    {
        if (IndexOf(key) is >= 0 and var i && _entries[i].Value is not null)
        {
            return false;
        }

        this[key] = value;
        return true;
    }

    /// <summary>Takes a member out.</summary>
    /// <returns>True where it was there.</returns>
    public bool Remove(string key)
    {
        int i = IndexOf(key);
        if (i < 0)
        {
            return false;
        }

        _count--;
        Array.Copy(_entries, i + 1, _entries, i, _count - i);
        _entries[_count] = default;
        _index = null;
        return true;
    }

    /// <summary>Takes every member out.</summary>
    public void Clear()
    {
        Array.Clear(_entries, 0, _count);
        _count = 0;
        _index = null;
    }

    /// <summary>Replaces all members by those of another map, which must not be used afterwards.</summary>
    public void TakeFrom(JsonMap other)
    {
        _entries = other._entries;
        _count = other._count;
        _index = null;
    }

    /// <summary>Brings the members into the order of their names; what is inside them stays as it is.</summary>
    public void SortMembers()
    {
        Array.Sort(_entries, 0, _count, s_byName);
        _index = null;
    }

    /// <summary>Replaces the value at a position.</summary>
    public void SetAt(int position, object? value) => _entries[position] = new(_entries[position].Key, value);

    /// <summary>A copy that shares nothing with this one.</summary>
    public JsonMap DeepCopy()
    {
        var copy = new JsonMap(_count);
        for (int i = 0; i < _count; i++)
        {
            copy._entries[i] = new(_entries[i].Key, JsonValue.DeepCopy(_entries[i].Value));
        }

        copy._count = _count;
        return copy;
    }

    /// <summary>The members in order; the map must not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<string, object?>> IEnumerable<KeyValuePair<string, object?>>.GetEnumerator()
    {
        for (int i = 0; i < _count; i++)
        {
            yield return _entries[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)this).GetEnumerator();

    /// <summary>Adds a member; lets a collection initialiser be used.</summary>
    public void Add(string key, object? value) => this[key] = value;

    private int IndexOf(string key)
    {
        if (_count <= IndexThreshold)
        {
            for (int i = 0; i < _count; i++)
            {
                if (string.Equals(_entries[i].Key, key))
                {
                    return i;
                }
            }

            return -1;
        }

        if (_index is null)
        {
            _index = new Dictionary<string, int>(_count * 2, StringComparer.Ordinal);
            for (int i = 0; i < _count; i++)
            {
                _index[_entries[i].Key] = i;
            }
        }

        return _index.TryGetValue(key, out int at) ? at : -1;
    }

    /// <summary>Walks the members of a map without allocating.</summary>
    public struct Enumerator
    {
        private readonly JsonMap _map;
        private int _at = -1;

        internal Enumerator(JsonMap map) => _map = map;

        /// <summary>The member that the walk has come to.</summary>
        public readonly KeyValuePair<string, object?> Current => _map._entries[_at];

        /// <summary>Goes on to the next member.</summary>
        public bool MoveNext() => ++_at < _map._count;
    }
}
