using KubeLite.Kubelet.Timing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.Kubelet.Tests;

public sealed class DeadlineQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _ran = [];

    [Fact]
    public void Schedule_RunsInOrderOfTime()
    {
        using var queue = new DeadlineQueue(_time);
        queue.Schedule(TimeSpan.FromSeconds(2), () => _ran.Add("second"));
        queue.Schedule(TimeSpan.FromSeconds(1), () => _ran.Add("first"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["first"], _ran);

        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(["first", "second"], _ran);
    }

    [Fact]
    public void Schedule_BeyondTheLongestTimer_StillRuns()
    {
        using var queue = new DeadlineQueue(_time);
        queue.Schedule(TimeSpan.FromDays(3), () => _ran.Add("late"));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Empty(_ran);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["late"], _ran);
    }

    [Fact]
    public void Dispose_OfADeadline_CancelsIt()
    {
        using var queue = new DeadlineQueue(_time);
        queue.Schedule(TimeSpan.FromSeconds(1), () => _ran.Add("never")).Dispose();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_ran);
    }

    [Fact]
    public void Schedule_FromACallback_Runs()
    {
        using var queue = new DeadlineQueue(_time);
        queue.Schedule(TimeSpan.FromSeconds(1), () => queue.Schedule(TimeSpan.FromSeconds(1), () => _ran.Add("inner")));
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["inner"], _ran);
    }
}
