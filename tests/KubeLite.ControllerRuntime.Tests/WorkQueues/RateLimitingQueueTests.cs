using KubeLite.ControllerRuntime.WorkQueues;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.WorkQueues;

public sealed class RateLimitingQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RateLimitingQueue<string> _queue;

    public RateLimitingQueueTests() => _queue = new RateLimitingQueue<string>("test", new RateLimitingQueueOptions(), _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Add_SameKeyTwice_WaitsOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal((true, "a"), await _queue.TakeAsync(default));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task Add_WhileProcessing_ComesAgainAfterDone()
    {
        _queue.Add("a");
        await _queue.TakeAsync(default);
        _queue.Add("a");
        Assert.Equal(0, _queue.Depth);
        _queue.Done("a");
        Assert.Equal((true, "a"), await _queue.TakeAsync(default));
    }

    [Fact]
    public void AddAfter_ShorterDelayLater_ShorterCounts()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _queue.Depth);
        Assert.Equal(1, _queue.Adds);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _queue.Adds);
    }

    [Fact]
    public void AddAfter_SeveralKeys_EachWhenDue()
    {
        _queue.AddAfter("b", TimeSpan.FromSeconds(3));
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, _queue.Depth);
    }

    [Fact]
    public void AddRateLimited_Again_DoublesUntilForgotten()
    {
        _queue.AddRateLimited("a");
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(1, _queue.Depth);
        _queue.AddRateLimited("b");
        _queue.AddRateLimited("b");
        Assert.Equal(2, _queue.Failures("b"));
        _queue.Forget("b");
        Assert.Equal(0, _queue.Failures("b"));
        Assert.Equal(3, _queue.Retries);
    }

    [Fact]
    public async Task ShutDown_WithWaiters_WakesAllAndDrains()
    {
        _queue.Add("a");
        _queue.ShutDown();
        _queue.Add("b");
        Assert.Equal((true, "a"), await _queue.TakeAsync(default));
        Assert.False((await _queue.TakeAsync(default)).Found);
        Assert.False((await _queue.TakeAsync(default)).Found);
    }
}
