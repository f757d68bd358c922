namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// When those that a level turns away may come again: after 1 second at first, later the more of them there are, up to 32
/// (Kubernetes v1.36, util/flowcontrol/dropped_requests_tracker). Guarded by the controller's lock.
/// </summary>
internal sealed class DroppedRequests
{
    private const int Longest = 32;

    private readonly LinkedList<(long Second, int Count)> _history = [];
    private long _second;
    private int _count;
    private long _raised;

    /// <summary>The seconds to wait.</summary>
    public int RetryAfter { get; private set; } = 1;

    /// <summary>Counts a request that is turned away.</summary>
    /// <param name="now">The time.</param>
    public void Add(DateTimeOffset now)
    {
        long second = now.ToUnixTimeSeconds();
        if (second == _second)
        {
            _count++;
            return;
        }

        _history.AddLast((_second, _count));
        while (_history.First is { } first && second - first.Value.Second > Math.Min(2 * RetryAfter, Longest))
        {
            _history.RemoveFirst();
        }

        (_second, _count) = (second, 1);
        Adjust(second);
    }

    /// <summary>As TCP does: twice as long at once where many come all the same, a second less where few do.</summary>
    private void Adjust(long second)
    {
        int dropped = 0;
        foreach ((long at, int count) in _history)
        {
            dropped += second - at <= RetryAfter ? count : 0;
        }

        if (second - _raised >= RetryAfter && dropped >= 3 * RetryAfter)
        {
            RetryAfter = Math.Min(2 * RetryAfter, Longest);
            _raised = second;
        }
        else if (dropped < RetryAfter && RetryAfter > 1)
        {
            RetryAfter--;
        }
    }
}
