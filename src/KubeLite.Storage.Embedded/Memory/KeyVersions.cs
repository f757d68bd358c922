namespace KubeLite.Storage.Embedded.Memory;

/// <summary>The versions of one key since the last compaction, oldest first. A deletion is a version with Version 0.</summary>
internal sealed class KeyVersions
{
    private readonly List<KeyValue> _versions = new(1);

    public bool IsEmpty => _versions.Count == 0;

    /// <summary>The pair now, or null.</summary>
    public KeyValue? Newest => Alive(_versions.Count - 1);

    public void Add(in KeyValue version) => _versions.Add(version);

    /// <summary>The pair as it stood at a revision, or null.</summary>
    public KeyValue? At(long revision)
    {
        int i = _versions.Count - 1;
        while (i >= 0 && _versions[i].ModRevision > revision)
        {
            i--;
        }

        return Alive(i);
    }

    /// <summary>Drops what no read at or after <paramref name="revision"/> can see.</summary>
    public void Compact(long revision)
    {
        int last = _versions.FindLastIndex(version => version.ModRevision <= revision);
        int drop = last >= 0 && _versions[last].Version == 0 ? last + 1 : last;
        if (drop > 0)
        {
            _versions.RemoveRange(0, drop);
        }
    }

    private KeyValue? Alive(int index) => index >= 0 && _versions[index].Version > 0 ? _versions[index] : null;
}
