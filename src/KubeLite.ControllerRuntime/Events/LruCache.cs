namespace KubeLite.ControllerRuntime.Events;

/// <summary>A dictionary that forgets what was used longest ago once it is full. Not thread-safe.</summary>
internal sealed class LruCache<TKey, TValue>(int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _order = new();

    internal TValue GetOrAdd(TKey key, Func<TValue> create)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Value;
        }
        if (_nodes.Count >= capacity && _order.Last is { } oldest)
        {
            _nodes.Remove(oldest.Value.Key);
            _order.RemoveLast();
        }
        var value = create();
        _nodes.Add(key, _order.AddFirst((key, value)));
        return value;
    }
}
