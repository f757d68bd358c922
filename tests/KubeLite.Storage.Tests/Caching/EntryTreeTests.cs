using KubeLite.Storage.Caching;
using KubeLite.Storage.Caching.Trees;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Caching;

public sealed class EntryTreeTests(ITestOutputHelper output)
{
    private static readonly EntryReader s_reader = new(
        new ResourceCacheOptions { KeyPrefix = "/k/", Namespaced = false, FieldPaths = ["f"] }, new FieldLayout(["f"]), new StringPool());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SetRemove_Random_MatchesSortedList(bool byField)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        EntryOrder order = byField ? EntryOrder.ByField(0) : EntryOrder.ByKey;
        SortedDictionary<(string, string), CacheEntry> model = new(Comparer<(string, string)>.Create(
            (x, y) => string.CompareOrdinal(x.Item1, y.Item1) is not 0 and var c ? c : string.CompareOrdinal(x.Item2, y.Item2)));
        EntryTree tree = EntryTree.FromSorted([], order);
        List<(EntryTree Tree, List<CacheEntry> Content)> old = [];
        int range = 20000;

        for (int i = 0; i < 40000; i++)
        {
            // Grow, then shrink to nothing, so that splits and merges both happen at every level.
            bool put = i < 25000 ? random.Next(10) < 9 : random.Next(10) < 1;
            CacheEntry entry = Entry(random.Next(range), random.Next(3));
            (string, string) place = (order.ValueOf(entry), entry.Key);
            if (put)
            {
                tree = tree.Set(entry);
                model[place] = entry;
            }
            else
            {
                CacheEntry target = model.Count > 0 && random.Next(3) > 0 ? Nth(tree, random.Next(model.Count)) : entry;
                tree = tree.Remove(target);
                model.Remove((order.ValueOf(target), target.Key));
            }

            if (i % 4000 == 0)
            {
                old.Add((tree, [.. model.Values]));
            }
        }

        old.Add((tree, [.. model.Values]));
        foreach ((EntryTree kept, List<CacheEntry> content) in old)
        {
            Assert.Equal(content, Content(kept));
            Assert.Equal(content, Content(EntryTree.FromSorted(content, order)));
            for (int i = 0; i < content.Count; i += 97)
            {
                Assert.Same(content[i], kept.Find(order.ValueOf(content[i]), content[i].Key));
                Assert.Equal(i, kept.Rank(order.ValueOf(content[i]), content[i].Key));
                Assert.Equal(i + 1, kept.Rank(order.ValueOf(content[i]), content[i].Key + "\0"));
            }
        }
    }

    [Fact]
    public void Range_NamespacesAndStart_AreRespected()
    {
        EntryReader reader = new(new ResourceCacheOptions { KeyPrefix = "/k/", Namespaced = true }, new FieldLayout([]), new StringPool());
        List<CacheEntry> entries = [];
        foreach (string key in new[] { "a-b/x", "a/x", "a/y", "a/z", "ab/x", "b/x" })
        {
            entries.Add(reader.Read(new KeyValue("/k/" + key, "{}"u8.ToArray(), 1, 1, 1), null));
        }

        CacheSnapshot snapshot = new("/k/", 1, SnapshotTrees.FromSorted(entries, []), new FieldLayout([]));

        Assert.Equal(["/k/a/x", "/k/a/y", "/k/a/z"], Keys(snapshot.Range("a", null)));
        Assert.Equal(["/k/a/y", "/k/a/z"], Keys(snapshot.Range("a", "/k/a/x\0")));
        Assert.Equal(["/k/ab/x", "/k/b/x"], Keys(snapshot.Range(null, "/k/a/z\0")));
        Assert.Empty(Keys(snapshot.Range("c", null)));
        Assert.Equal(6, snapshot.Range("", null).Count);
        Assert.Equal("/k/a-b/x", snapshot.Find("a-b", "x")!.Key);
        Assert.Null(snapshot.Find("a", "xx"));
    }

    [Fact]
    public void WithField_Values_AreSeparated()
    {
        List<CacheEntry> entries = [.. Enumerable.Range(0, 300).Select(i => Entry(i, i % 3)).OrderBy(e => e.Key, StringComparer.Ordinal)];
        CacheSnapshot snapshot = new("/k/", 1, SnapshotTrees.FromSorted(entries, [0]), new FieldLayout(["f"]));

        Assert.Equal(100, snapshot.WithField("f", "v1").Count);
        foreach (CacheEntry entry in snapshot.WithField("f", "v1"))
        {
            Assert.Equal("v1", entry.Fields[0]);
        }

        Assert.Equal(0, snapshot.WithField("f", "v").Count);
        Assert.Equal(StoreErrorCode.InvalidArgument, Assert.Throws<StoreException>(() => snapshot.WithField("g", "v")).Code);
    }

    [Fact]
    public void WithField_NamespaceAndStart_AreRespected()
    {
        EntryReader reader = new(
            new ResourceCacheOptions { KeyPrefix = "/k/", Namespaced = true }, new FieldLayout(["f"]), new StringPool());
        List<CacheEntry> entries = [];
        foreach ((string key, string value) in new[]
        {
            ("a-b/x", "1"), ("a/w", "2"), ("a/x", "1"), ("a/y", "1"), ("ab/x", "1"), ("b/x", "2"),
        })
        {
            entries.Add(
                reader.Read(new KeyValue("/k/" + key, System.Text.Encoding.UTF8.GetBytes($$"""{"f":"{{value}}"}"""), 1, 1, 1), null));
        }

        CacheSnapshot snapshot = new("/k/", 1, SnapshotTrees.FromSorted(entries, [0]), new FieldLayout(["f"]));

        Assert.Equal(["/k/a/x", "/k/a/y"], Keys(snapshot.WithField("f", "1", "a", null)));
        Assert.Equal(["/k/a/y"], Keys(snapshot.WithField("f", "1", "a", "/k/a/x\0")));
        Assert.Equal(["/k/a/y", "/k/ab/x"], Keys(snapshot.WithField("f", "1", "", "/k/a/x\0")));
        Assert.Equal(["/k/a/w", "/k/b/x"], Keys(snapshot.WithField("f", "2", null, null)));
        Assert.Empty(Keys(snapshot.WithField("f", "2", "ab", null)));
    }

    private static CacheEntry Entry(int key, int value) => s_reader.Read(
        new KeyValue($"/k/{key}", System.Text.Encoding.UTF8.GetBytes($$$"""{"f":"v{{{value}}}"}"""), 1, 1, 1), null);

    private static CacheEntry Nth(EntryTree tree, int rank) => tree.LeafAt(rank, out int offset)[offset];

    private static List<CacheEntry> Content(EntryTree tree)
    {
        List<CacheEntry> entries = [];
        foreach (CacheEntry entry in new CacheRange(tree, 0, tree.Count))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static List<string> Keys(CacheRange range)
    {
        List<string> keys = [];
        foreach (CacheEntry entry in range)
        {
            keys.Add(entry.Key);
        }

        return keys;
    }
}
