using System.Text;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Caching.Differences;
using Xunit;

namespace KubeLite.Storage.Tests.Caching.Differences;

public sealed class VersionSharingTests
{
    private readonly VersionSharing _sharing = new();

    [Fact]
    public void Settle_ManyVersions_KeepsTheirBytesInBoundedChains()
    {
        CacheEntry[] versions = [.. Enumerable.Range(1, 40).Select(r => ObjectVersions.Entry("a", r, r % 2 == 0))];
        byte[][] before = [.. versions.Select(Bytes)];
        for (int i = 1; i < versions.Length; i++)
        {
            _sharing.Settle(new CacheChange(versions[i], versions[i - 1], i + 1, 0));
        }

        Assert.Equal(before, versions.Select(Bytes));
        Assert.True(IsWhole(versions[^1]), "the newest version isn't whole");
        int chain = 0;
        foreach (CacheEntry version in versions)
        {
            chain = IsWhole(version) ? 0 : chain + 1;
            Assert.InRange(chain, 0, CacheEntry.MaxChain);
        }

        Assert.Equal(40 / (CacheEntry.MaxChain + 1) + 1, versions.Count(IsWhole));
    }

    [Fact]
    public void Settle_CreatedAndDeleted_KeepsOneCopy()
    {
        CacheEntry first = ObjectVersions.Entry("a", 1, ready: false);
        CacheEntry second = ObjectVersions.Entry("a", 2, ready: true);
        CacheChange created = new(first, null, 1, 0), patched = new(second, first, 2, 0), deleted = new(null, second, 3, 0);
        CacheEntry shown = deleted.EventFor(true, false)!.Entry;
        byte[] before = Bytes(shown);

        foreach (CacheChange change in new[] { created, patched, deleted })
        {
            _sharing.Settle(change);
        }

        Assert.Equal((false, true), (IsWhole(first), IsWhole(second)));
        CacheEntry again = deleted.EventFor(true, false)!.Entry;
        Assert.NotSame(shown, again);
        Assert.False(IsWhole(again), "the deleted object's last version is kept twice");
        Assert.Equal(before, Bytes(again));
        Assert.Equal((3, "a", "ns"), (again.Revision, again.Name, again.Namespace));
    }

    [Fact]
    public void Settle_DeletedOfOneTemplate_ShareWithThoseThatWentAfter()
    {
        CacheEntry[] gone = [.. Enumerable.Range(1, 18).Select(r => ObjectVersions.Entry($"web-{r}", r, ready: false))];
        byte[][] before = [.. gone.Select(Bytes)];

        for (int i = 0; i < gone.Length; i++)
        {
            _sharing.Settle(new CacheChange(null, gone[i], 100 + i, 0));
        }

        Assert.Equal(before, gone.Select(Bytes));
        Assert.Equal([8, 17], Enumerable.Range(0, 18).Where(i => IsWhole(gone[i])));
    }

    [Fact]
    public void Settle_LeftTheSelection_ShowsTheSameBytes()
    {
        CacheEntry before = ObjectVersions.Entry("a", 1, ready: false);
        CacheChange change = new(ObjectVersions.Entry("a", 2, ready: true), before, 2, 0);
        byte[] shown = Bytes(change.EventFor(true, false)!.Entry);

        _sharing.Settle(change);

        CacheEntry again = change.EventFor(true, false)!.Entry;
        Assert.Equal(shown, Bytes(again));
        Assert.Equal((false, false), (IsWhole(before), IsWhole(again)));
    }

    [Fact]
    public void Settle_HardlyAnythingInCommon_StaysWhole()
    {
        CacheEntry small = Small(1, "x"), other = Small(2, "y");

        _sharing.Settle(new CacheChange(other, small, 2, 0));

        Assert.True(IsWhole(small), "a difference as large as the object is kept");
    }

    [Fact]
    public void Settle_Slots_AreForgottenOfTheOldVersionOnly()
    {
        CacheEntry before = ObjectVersions.Entry("a", 1, ready: false), now = ObjectVersions.Entry("a", 2, ready: true);
        CacheChange change = new(now, before, 2, 0);
        object slot = new();
        object ofBefore = before.GetOrAdd(slot, _ => new object());
        object ofNow = now.GetOrAdd(slot, _ => new object());
        CacheEvent modified = change.EventFor(true, true)!;

        _sharing.Settle(change);

        object again = before.GetOrAdd(slot, _ => new object());
        Assert.NotSame(ofBefore, again);
        Assert.Same(again, before.GetOrAdd(slot, _ => new object()));
        Assert.Same(ofNow, now.GetOrAdd(slot, _ => new object()));
        Assert.NotSame(modified, change.EventFor(true, true));
        Assert.Same(change.EventFor(true, true), change.EventFor(true, true));
    }

    [Fact]
    public async Task Settle_BesideReaders_TheyReadTheSameBytes()
    {
        const int Rounds = 100;
        for (int round = 0; round < Rounds; round++)
        {
            CacheEntry[] versions = [.. Enumerable.Range(1, 20).Select(r => ObjectVersions.Entry("a", r, r % 3 == 0))];
            byte[][] before = [.. versions.Select(Bytes)];
            using Barrier start = new(3);
            bool settled = false;
            Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                bool last;
                do
                {
                    last = Volatile.Read(ref settled);
                    for (int i = 0; i < versions.Length; i++)
                    {
                        Assert.True(versions[i].Json.Span.SequenceEqual(before[i]), $"version {i} changed");
                    }
                }
                while (!last);
            }))];
            start.SignalAndWait();
            for (int i = 1; i < versions.Length; i++)
            {
                _sharing.Settle(new CacheChange(versions[i], versions[i - 1], i + 1, 0));
            }

            Volatile.Write(ref settled, true);
            await Task.WhenAll(readers);
        }
    }

    private static bool IsWhole(CacheEntry entry) => entry.Body is byte[];

    private static byte[] Bytes(CacheEntry entry) => entry.Json.ToArray();

    private static CacheEntry Small(long revision, string value)
    {
        EntryReader reader = new(CacheFixture.Pods, new FieldLayout(CacheFixture.Pods.FieldPaths), new StringPool());
        byte[] json = Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"s"},"data":"{{{value}}}"}""");
        return reader.Read(new KeyValue("/registry/pods/ns/s", json, revision, revision, 1), null);
    }
}
