namespace KubeLite.Storage.Embedded;

/// <summary>Remembers which revision the store had when, to say up to where history may be compacted. Needs no timer: it is told of
/// every write. For one thread at a time.</summary>
internal sealed class HistoryRetention(TimeSpan retention, TimeProvider time)
{
    private readonly Queue<(long Revision, long Timestamp)> _marks = new();
    private long _lastMark;

    /// <summary>Notes that the store has reached a revision; returns the revision it had when the retention began, 0 if unknown.</summary>
    public long Note(long revision)
    {
        if (retention == Timeout.InfiniteTimeSpan)
        {
            return 0;
        }

        // A mark about every tenth of the retention is exact enough.
        long now = time.GetTimestamp();
        if (_marks.Count == 0 || time.GetElapsedTime(_lastMark, now) >= retention / 10)
        {
            _lastMark = now;
            _marks.Enqueue((revision, now));
        }

        long old = 0;
        while (_marks.TryPeek(out (long Revision, long Timestamp) mark) && time.GetElapsedTime(mark.Timestamp, now) > retention)
        {
            _marks.Dequeue();
            old = mark.Revision;
        }

        return old;
    }
}
