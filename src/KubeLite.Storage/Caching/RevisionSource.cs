namespace KubeLite.Storage.Caching;

/// <summary>Asks the store for its revision on behalf of many callers: while one request is under way, those who come share the
/// next one, which starts after they came and so reflects every write they may know of.</summary>
internal sealed class RevisionSource(IKeyValueStore store)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<long>? _next;
    private bool _running;

    public ValueTask<long> GetAsync(CancellationToken cancellationToken)
    {
        if (store.RevisionIsLocal)
        {
            return store.GetRevisionAsync(cancellationToken);
        }

        TaskCompletionSource<long> answer;
        lock (_lock)
        {
            answer = _next ??= new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_running)
            {
                return new ValueTask<long>(answer.Task.WaitAsync(cancellationToken));
            }

            _running = true;
            _next = null;
        }

        // Every failure is handed to those who wait, so the task itself can't fail.
        _ = RunAsync(answer);
        return new ValueTask<long>(answer.Task.WaitAsync(cancellationToken));
    }

    private async Task RunAsync(TaskCompletionSource<long> answer)
    {
        while (true)
        {
            try
            {
                answer.TrySetResult(await store.GetRevisionAsync(CancellationToken.None));
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
            }

            lock (_lock)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }

                answer = _next;
                _next = null;
            }
        }
    }
}
