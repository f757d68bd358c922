using KubeLite.Storage.Caching;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.Storage.Tests.Caching;

public sealed class ChangeHistoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ChangeHistory _history;

    public ChangeHistoryTests() => _history = new ChangeHistory(
        CacheFixture.Pods with { MinHistory = 16, HistoryRetention = TimeSpan.FromSeconds(75) }, _time);

    [Fact]
    public void Trim_WithinTheRetention_KeepsAll()
    {
        Add(1, 1000);
        _time.Advance(TimeSpan.FromSeconds(75));

        _history.Trim(_time.GetTimestamp());

        Assert.Equal(0, _history.Floor);
        Assert.Equal(1000, _history.After(0).Length);
    }

    [Fact]
    public void Trim_AfterIt_KeepsTheLeastNumberAndSaysFromWhere()
    {
        Add(1, 1000);
        _time.Advance(TimeSpan.FromSeconds(76));

        for (int i = 0; i < 10; i++)
        {
            _history.Trim(_time.GetTimestamp());
        }

        Assert.Equal(984, _history.Floor);
        Assert.Equal(Enumerable.Range(985, 16).Select(r => (long)r), _history.After(984).Select(c => c.Revision));
    }

    [Fact]
    public void Add_AfterTrim_GoesOnInOrder()
    {
        Add(1, 1000);
        _time.Advance(TimeSpan.FromSeconds(76));
        _history.Trim(_time.GetTimestamp());

        Add(1001, 2000);

        Assert.InRange(_history.Floor, 984, 1000);
        Assert.Equal(Enumerable.Range(1001, 1000).Select(r => (long)r), _history.After(1000).Select(c => c.Revision));
    }

    [Fact]
    public void TakeSettled_GoesOnWhereItEnded_WithWhatIsOldEnough()
    {
        CacheChange[] taken = new CacheChange[100];
        Add(1, 150);
        _time.Advance(TimeSpan.FromSeconds(2));
        Add(151, 170);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((100, 1, 100), (Take(taken), taken[0].Revision, taken[99].Revision));
        Assert.Equal((50, 101, 150), (Take(taken), taken[0].Revision, taken[49].Revision));
        Assert.Equal((0, 20), (Take(taken), _history.Unsettled));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((20, 151, 170), (Take(taken), taken[0].Revision, taken[19].Revision));
        Assert.Equal(0, _history.Unsettled);
    }

    [Fact]
    public void TakeSettled_WhatItIsAtWasDropped_GoesOnWithTheFirst()
    {
        CacheChange[] taken = new CacheChange[100];
        Add(1, 100);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(100, Take(taken));
        Add(101, 1000);
        _time.Advance(TimeSpan.FromSeconds(76));
        _history.Trim(_time.GetTimestamp());

        Assert.Equal(16, _history.Unsettled);
        Assert.Equal((16, 985, 1000), (Take(taken), taken[0].Revision, taken[15].Revision));

        _history.Reset(2000);
        Add(2001, 2001);
        Assert.Equal(1, _history.Unsettled);
    }

    private int Take(CacheChange[] changes) => _history.TakeSettled(_time.GetTimestamp(), TimeSpan.FromSeconds(3), changes);

    private void Add(int first, int last)
    {
        for (int revision = first; revision <= last; revision++)
        {
            _history.Add(new CacheChange(null, null, revision, _time.GetTimestamp()));
        }
    }
}
