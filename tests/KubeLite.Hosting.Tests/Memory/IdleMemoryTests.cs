using KubeLite.Hosting.Memory;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.Hosting.Tests.Memory;

public sealed class IdleMemoryTests
{
    private readonly FakeTimeProvider _time = new();
    private long _allocated;
    private long _heap;
    private int _collections;

    [Fact]
    public void Look_WhileMuchIsAllocated_DoesNotCollect()
    {
        using IdleMemory memory = Start();

        for (int i = 0; i < 10; i++)
        {
            Pass(IdleMemory.Rest);
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_AtRestAfterABurst_CollectsOnce()
    {
        using IdleMemory memory = Start();
        Pass(IdleMemory.Worth);

        for (int i = 0; i < 10; i++)
        {
            Pass(1000);
        }

        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_AtRestForLong_CollectsWhenItIsWorthItAgain()
    {
        using IdleMemory memory = Start();

        for (long sum = 0; sum < 4 * IdleMemory.Worth; sum += IdleMemory.Rest / 2)
        {
            Pass(IdleMemory.Rest / 2);
        }

        Assert.Equal(4, _collections);
    }

    [Fact]
    public void Look_LargeHeap_CollectsOnlyWhenMuchOfItWasAllocated()
    {
        using IdleMemory memory = Start();
        _heap = 8 * IdleMemory.Worth;

        Pass(IdleMemory.Worth);
        Pass(1000);
        Assert.Equal(0, _collections);

        Pass(IdleMemory.Worth);
        Pass(1000);
        Assert.Equal(1, _collections);
    }

    private IdleMemory Start() => new(_time, () => _allocated, () => _heap, () => _collections++);

    private void Pass(long allocated)
    {
        _allocated += allocated;
        _time.Advance(IdleMemory.Interval);
    }
}
