namespace KubeLite.Storage.Caching;

/// <summary>A few lazily made values attached to an immutable object, each under its own key: other encodings of the same bytes,
/// for example. Thread-safe and lock-free; costs one reference when unused.</summary>
public abstract class SlotHolder
{
    private Slot? _slots;

    private protected SlotHolder()
    {
    }

    private protected T GetOrAddSlot<T, TOwner>(object slotKey, TOwner owner, Func<TOwner, T> make)
    {
        Slot? head = Volatile.Read(ref _slots);
        if (Find(head, null, slotKey) is { } found)
        {
            return (T)found.Value!;
        }

        Slot added = new(slotKey, make(owner));
        while (true)
        {
            added.Next = head;
            Slot? seen = Interlocked.CompareExchange(ref _slots, added, head);
            if (ReferenceEquals(seen, head))
            {
                return (T)added.Value!;
            }

            // Someone else added a slot meanwhile: if it is this one, theirs wins so that all callers share one value.
            if (Find(seen, head, slotKey) is { } other)
            {
                return (T)other.Value!;
            }

            head = seen;
        }
    }

    /// <summary>Forgets all values, which are made anew when asked for. Who makes one at the same time may get another than the next who
    /// asks.</summary>
    internal void DropSlots() => Volatile.Write(ref _slots, null);

    private static Slot? Find(Slot? from, Slot? until, object slotKey)
    {
        for (Slot? slot = from; slot is not null && !ReferenceEquals(slot, until); slot = slot.Next)
        {
            if (ReferenceEquals(slot.Key, slotKey))
            {
                return slot;
            }
        }

        return null;
    }

    private sealed class Slot(object key, object? value)
    {
        public object Key { get; } = key;

        public object? Value { get; } = value;

        public Slot? Next { get; set; }
    }
}
