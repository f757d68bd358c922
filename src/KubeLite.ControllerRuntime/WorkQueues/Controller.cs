using KubeLite.ControllerRuntime.Client;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>
/// Feeds the keys of a queue to a reconciler with a fixed number of workers, none of which holds a thread while it
/// waits. On stop the keys being worked on get <see cref="DrainTime"/> to finish.
/// </summary>
public sealed partial class Controller<TKey>(
    string name, RateLimitingQueue<TKey> queue, IReconciler<TKey> reconciler, int workers, TimeProvider time,
    ILogger logger) where TKey : notnull
{
    /// <summary>How long work in progress may go on after a stop.</summary>
    public static TimeSpan DrainTime { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Works until cancelled, then returns when no worker is busy.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var work = new CancellationTokenSource();
        var loops = new Task[workers];
        for (var i = 0; i < workers; i++)
        {
            loops[i] = WorkAsync(cancellationToken, work.Token);
        }
        var all = Task.WhenAll(loops);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stop))
        {
            await Task.WhenAny(all, stop.Task).ConfigureAwait(false);
        }
        queue.ShutDown();
        try
        {
            await all.WaitAsync(DrainTime, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await work.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(CancellationToken stopping, CancellationToken work)
    {
        while (!stopping.IsCancellationRequested)
        {
            var (found, key) = await TakeAsync(stopping).ConfigureAwait(false);
            if (!found)
            {
                return;
            }
            try
            {
                var result = await reconciler.ReconcileAsync(key, work).ConfigureAwait(false);
                queue.Forget(key);
                if (result.RequeueAfter is { } delay)
                {
                    queue.AddAfter(key, delay);
                }
            }
            catch (TerminalReconcileException e)
            {
                LogTerminal(name, key, e);
                queue.Forget(key);
            }
            catch (OperationCanceledException) when (work.IsCancellationRequested)
            {
                return;
            }
            catch (ApiStatusException e) when (e.IsConflict || e.IsNotFound || e.IsNamespaceTerminating)
            {
                // The cache is behind; the change or deletion that overtook us is on its way.
                LogOvertaken(name, key, e.Message);
                queue.AddRateLimited(key);
            }
            catch (Exception e)
            {
                LogFailed(name, key, queue.Failures(key) + 1, e);
                queue.AddRateLimited(key);
            }
            finally
            {
                queue.Done(key);
            }
        }
    }

    private async ValueTask<(bool, TKey)> TakeAsync(CancellationToken stopping)
    {
        try
        {
            return await queue.TakeAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return (false, default!);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Controller} gives {Key} up until it changes")]
    private partial void LogTerminal(string controller, TKey key, Exception error);

    [LoggerMessage(LogLevel.Debug, "{Controller} was overtaken on {Key}: {Error}")]
    private partial void LogOvertaken(string controller, TKey key, string error);

    [LoggerMessage(LogLevel.Warning, "{Controller} failed on {Key}, attempt {Attempt}, and tries again")]
    private partial void LogFailed(string controller, TKey key, int attempt, Exception error);
}
