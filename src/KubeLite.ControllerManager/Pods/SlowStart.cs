namespace KubeLite.ControllerManager.Pods;

/// <summary>Batches that double from one, so that a doomed creation is tried once and not a thousand times.</summary>
public static class SlowStart
{
    /// <summary>
    /// Runs <paramref name="work"/> for 0 to <paramref name="count"/> - 1. The batch in which one fails is the last.
    /// </summary>
    /// <returns>How many succeeded, and the first failure or null.</returns>
    public static async Task<(int Succeeded, Exception? Failure)> RunAsync(int count, Func<int, Task> work)
    {
        var done = 0;
        for (var size = Math.Min(1, count); size > 0; size = Math.Min(2 * size, count - done))
        {
            var batch = new Task[size];
            for (var i = 0; i < size; i++)
            {
                batch[i] = work(done + i);
            }
            var failed = 0;
            Exception? failure = null;
            foreach (var task in batch)
            {
                try
                {
                    await task.ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    failed++;
                    failure ??= e;
                }
            }
            done += size;
            if (failure is not null)
            {
                return (done - failed, failure);
            }
        }
        return (done, null);
    }
}
