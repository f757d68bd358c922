namespace KubeLite.Scheduler.Queue;

/// <summary>A binary heap of Pods from which any can be removed.</summary>
internal sealed class PodHeap(IComparer<QueuedPod> order)
{
    private readonly List<QueuedPod> _items = [];
    private readonly Dictionary<QueuedPod, int> _positions = [];

    /// <summary>How many Pods it holds.</summary>
    public int Count => _items.Count;

    /// <summary>The first Pod; null when there is none.</summary>
    public QueuedPod? Peek() => _items.Count > 0 ? _items[0] : null;

    /// <summary>Adds a Pod.</summary>
    public void Add(QueuedPod pod)
    {
        _items.Add(pod);
        _positions[pod] = _items.Count - 1;
        Up(_items.Count - 1);
    }

    /// <summary>Takes the first Pod; null when there is none.</summary>
    public QueuedPod? Pop()
    {
        var first = Peek();
        if (first is not null)
        {
            Remove(first);
        }

        return first;
    }

    /// <summary>Takes a Pod out; false when it is not in.</summary>
    public bool Remove(QueuedPod pod)
    {
        if (!_positions.Remove(pod, out var index))
        {
            return false;
        }

        var last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        if (!ReferenceEquals(last, pod))
        {
            _items[index] = last;
            _positions[last] = index;
            Down(index);
            Up(_positions[last]);
        }

        return true;
    }

    private void Up(int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (order.Compare(_items[index], _items[parent]) >= 0)
            {
                return;
            }

            Swap(index, parent);
            index = parent;
        }
    }

    private void Down(int index)
    {
        while (true)
        {
            var smallest = index;
            for (var child = (2 * index) + 1; child <= (2 * index) + 2 && child < _items.Count; child++)
            {
                if (order.Compare(_items[child], _items[smallest]) < 0)
                {
                    smallest = child;
                }
            }

            if (smallest == index)
            {
                return;
            }

            Swap(index, smallest);
            index = smallest;
        }
    }

    private void Swap(int a, int b)
    {
        (_items[a], _items[b]) = (_items[b], _items[a]);
        _positions[_items[a]] = a;
        _positions[_items[b]] = b;
    }
}
