namespace KubeLite.Scheduler.Cycle;

/// <summary>
/// What the scheduling loop is told by informers, bindings and preemptions, in order. Holds at most
/// <see cref="Capacity"/> messages; whoever posts one more waits until the loop has taken them. Thread-safe for any number of
/// posters and one reader.
/// </summary>
internal sealed class Mailbox
{
    /// <summary>How many messages wait at most: 65,536.</summary>
    public const int Capacity = 1 << 16;

    private readonly Lock _lock = new();
    private readonly object _room = new();
    private List<Action> _waiting = [];
    private List<Action> _taken = [];
    private TaskCompletionSource _arrival = New();

    /// <summary>Posts a message; the loop runs it. Blocks while the mailbox is full.</summary>
    public void Post(Action message)
    {
        TaskCompletionSource? wake = null;
        lock (_room)
        {
            while (true)
            {
                lock (_lock)
                {
                    if (_waiting.Count < Capacity)
                    {
                        _waiting.Add(message);
                        wake = _waiting.Count == 1 ? _arrival : null;
                        break;
                    }
                }

                Monitor.Wait(_room);
            }
        }

        wake?.TrySetResult();
    }

    /// <summary>Runs every message that waits.</summary>
    public void Drain()
    {
        List<Action> messages;
        bool wasFull;
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            messages = _waiting;
            wasFull = messages.Count >= Capacity;
            _waiting = _taken;
            _taken = messages;
            _arrival = New();
        }

        if (wasFull)
        {
            lock (_room)
            {
                Monitor.PulseAll(_room);
            }
        }

        foreach (var message in messages)
        {
            message();
        }

        messages.Clear();
    }

    /// <summary>Ends when there is a message; at once when there is one already.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            return _waiting.Count > 0 ? Task.CompletedTask : _arrival.Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
