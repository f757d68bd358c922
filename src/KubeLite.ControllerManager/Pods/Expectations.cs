using System.Collections.Concurrent;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Pods;

/// <summary>
/// What a controller has asked for and its cache hasn't shown yet. While something is expected of a key, acting on the
/// cache would act twice. What never shows is forgotten after five minutes. Thread-safe.
/// </summary>
public sealed class Expectations(TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<ObjectKey, Entry> _entries = new();

    /// <summary>Whether everything expected of a key has shown, or too much time has passed.</summary>
    public bool Satisfied(ObjectKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return true;
        }
        lock (entry)
        {
            return (entry.Creations <= 0 && entry.Deletions.Count == 0) || time.GetElapsedTime(entry.Since) > s_patience;
        }
    }

    /// <summary>Expects a number of creations.</summary>
    public void ExpectCreations(ObjectKey key, int count) => Change(key, entry => entry.Creations += count);

    /// <summary>Expects that objects of these uids are deleted.</summary>
    public void ExpectDeletions(ObjectKey key, IEnumerable<string> uids) => Change(key, entry => entry.Deletions.UnionWith(uids));

    /// <summary>A creation showed, or was found to have failed.</summary>
    public void CreationObserved(ObjectKey key, int count = 1)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            lock (entry)
            {
                entry.Creations = Math.Max(0, entry.Creations - count);
            }
        }
    }

    /// <summary>A deletion showed, or was found to have failed.</summary>
    public void DeletionObserved(ObjectKey key, string uid)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            lock (entry)
            {
                entry.Deletions.Remove(uid);
            }
        }
    }

    /// <summary>Forgets a key that is gone.</summary>
    public void Forget(ObjectKey key) => _entries.TryRemove(key, out _);

    private void Change(ObjectKey key, Action<Entry> change)
    {
        var entry = _entries.GetOrAdd(key, static _ => new Entry());
        lock (entry)
        {
            if (time.GetElapsedTime(entry.Since) > s_patience)
            {
                entry.Creations = 0;
                entry.Deletions.Clear();
            }
            entry.Since = time.GetTimestamp();
            change(entry);
        }
    }

    private sealed class Entry
    {
        internal int Creations { get; set; }

        internal HashSet<string> Deletions { get; } = new(StringComparer.Ordinal);

        internal long Since { get; set; }
    }
}
