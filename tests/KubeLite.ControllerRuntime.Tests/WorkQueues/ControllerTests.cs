using KubeLite.ControllerRuntime.WorkQueues;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.WorkQueues;

public sealed class ControllerTests
{
    private sealed class Reconciler(Func<string, int, ReconcileResult> work) : IReconciler<string>
    {
        private int _calls;

        internal TaskCompletionSource<int> Third { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
        {
            var call = Interlocked.Increment(ref _calls);
            if (call == 3)
            {
                Third.TrySetResult(call);
            }
            return Task.FromResult(work(key, call));
        }
    }

    [Fact]
    public async Task Run_ReconcilerThrows_ComesBackWithBackoff()
    {
        using var queue = new RateLimitingQueue<string>("test", new RateLimitingQueueOptions(), TimeProvider.System);
        var reconciler = new Reconciler((_, call) => call < 3 ? throw new InvalidOperationException("no") : ReconcileResult.Done);
        var controller = new Controller<string>("test", queue, reconciler, 2, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var run = controller.RunAsync(stop.Token);
        queue.Add("a");
        await reconciler.Third.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, queue.Retries);
    }

    [Fact]
    public async Task Run_TerminalException_IsNotRetried()
    {
        var time = new FakeTimeProvider();
        using var queue = new RateLimitingQueue<string>("test", new RateLimitingQueueOptions(), time);
        var reconciler = new Reconciler((_, call) => call == 1 ? throw new TerminalReconcileException("never") : ReconcileResult.Done);
        var controller = new Controller<string>("test", queue, reconciler, 1, time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var run = controller.RunAsync(stop.Token);
        queue.Add("a");
        queue.Add("b");
        queue.Add("c");
        await reconciler.Third.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, queue.Retries);
    }
}
