using System.Text;
using System.Text.Json;
using KubeLite.Storage.Caching;
using Xunit;

namespace KubeLite.Storage.Tests.Caching;

public sealed class EntryReaderTests
{
    [Theory]
    [InlineData(
        """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"b","uid":"u","generation":1}}""",
        """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"42","generation":1}}""")]
    [InlineData("""{"metadata":{"name":"a"}}""", """{"metadata":{"name":"a","resourceVersion":"42"}}""")]
    [InlineData("""{"metadata":{"labels":{"name":"x"}}}""", """{"metadata":{"resourceVersion":"42","labels":{"name":"x"}}}""")]
    [InlineData("""{"metadata":{}}""", """{"metadata":{"resourceVersion":"42"}}""")]
    [InlineData("""{"metadata":null,"kind":"X"}""", """{"metadata":{"resourceVersion":"42"},"kind":"X"}""")]
    [InlineData("""{"kind":"X"}""", """{"kind":"X","metadata":{"resourceVersion":"42"}}""")]
    [InlineData("{}", """{"metadata":{"resourceVersion":"42"}}""")]
    [InlineData("""{"metadata":{"resourceVersion":"7","name":"a"}}""", """{"metadata":{"resourceVersion":"42","name":"a"}}""")]
    [InlineData("""{"metadata":{"name":"a","resourceVersion":""}}""", """{"metadata":{"name":"a","resourceVersion":"42"}}""")]
    [InlineData(
        """{ "metadata" : { "uid" : "u" , "x" : {"uid":"v"} } }""",
        """{ "metadata" : { "uid" : "u","resourceVersion":"42" , "x" : {"uid":"v"} } }""")]
    [InlineData(
        """{"metadata":{"generation":1,"name":"a","namespace":"b","uid":"u"},"spec":{}}""",
        """{"metadata":{"generation":1,"name":"a","namespace":"b","resourceVersion":"42","uid":"u"},"spec":{}}""")]
    [InlineData(
        """{"metadata":{"labels":{"uid":"v"},"name":"a","uid":"u"}}""",
        """{"metadata":{"labels":{"uid":"v"},"name":"a","resourceVersion":"42","uid":"u"}}""")]
    [InlineData(
        """{"spec":{"metadata":{"name":"no"}},"metadata":{"name":"a"}}""",
        """{"spec":{"metadata":{"name":"no"}},"metadata":{"name":"a","resourceVersion":"42"}}""")]
    public void Read_AnyShape_GetsResourceVersion(string stored, string expected)
    {
        foreach (string[] paths in new string[][] { [], ["spec.nodeName"] })
        {
            CacheEntry entry = Read(stored, paths);

            Assert.Equal(expected, Encoding.UTF8.GetString(entry.Json.Span));
            Assert.Equal(
                expected.Replace("42", "123456", StringComparison.Ordinal),
                Encoding.UTF8.GetString(entry.WithRevision(123456, shared: false).Json.Span));
        }
    }

    [Fact]
    public void Read_FieldsAndLabels_AreFoundAsText()
    {
        CacheEntry entry = Read(
            """{"metadata":{"name":"a","labels":{"app":"w\u0065b","ü":"ö"}},"spec":{"nodeName":"n1","hostNetwork":true,"deep":{"er":{"n":5}},"list":[{"nodeName":"no"}]},"nodeName":"no","status":null}""",
            ["spec.nodeName", "spec.hostNetwork", "spec.deep.er.n", "status.phase", "spec.deep", "spec.missing", "metadata.generation"]);

        Assert.Equal(["n1", "true", "5", "", "", "", ""], entry.Fields.ToArray());
        Assert.Equal(new Dictionary<string, string> { ["app"] = "web", ["ü"] = "ö" }, entry.Labels.ToDictionary());
        Assert.Equal(("ns", "a"), (entry.Namespace, entry.Name));
        Assert.True(entry.TryGetField("metadata.name", out string name) && name == "a");
        Assert.True(entry.TryGetField("metadata.namespace", out string ns) && ns == "ns");
        Assert.True(entry.TryGetField("status.phase", out string phase) && phase == "");
        Assert.False(entry.TryGetField("status.unknown", out _));
    }

    [Fact]
    public void Read_NewVersion_SharesStringsWithPrevious()
    {
        EntryReader reader = Reader(["spec.nodeName"]);
        byte[] json = """{"metadata":{"name":"a","labels":{"app":"web"}},"spec":{"nodeName":"n1"}}"""u8.ToArray();
        CacheEntry first = reader.Read(new KeyValue("/registry/pods/ns/a", json, 1, 1, 1), null);
        CacheEntry second = reader.Read(new KeyValue("/registry/pods/ns/a", json, 1, 2, 2), first);

        Assert.Same(first.Labels, second.Labels);
        Assert.Same(first.FieldArray, second.FieldArray);
        Assert.Same(first.Key, second.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"metadata\":5}")]
    [InlineData("{\"metadata\":")]
    public void Read_NotAnObject_Throws(string stored)
    {
        Assert.ThrowsAny<JsonException>(() => Read(stored, ["spec.x"]));
    }

    [Fact]
    public void Read_Transform_IsAppliedFirst()
    {
        ResourceCacheOptions options = new()
        {
            KeyPrefix = "/registry/nodes/",
            Namespaced = false,
            Transform = pair => Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{pair.Value.Length}}}"}}"""),
        };
        EntryReader reader = new(options, new FieldLayout([]), new StringPool());

        CacheEntry entry = reader.Read(new KeyValue("/registry/nodes/n/x", new byte[3], 1, 9, 1), null);

        Assert.Equal("""{"metadata":{"name":"3","resourceVersion":"9"}}""", Encoding.UTF8.GetString(entry.Json.Span));
        Assert.Equal(("", "n/x"), (entry.Namespace, entry.Name));
    }

    [Fact]
    public void GetOrAdd_ManyThreads_AllGetOneValue()
    {
        CacheEntry entry = Read("{}", []);
        object[] keys = [new(), new(), new()];
        object[][] results = new object[8][];
        Parallel.For(0, 8, i => results[i] = [.. keys.Select(key => entry.GetOrAdd(key, _ => new object()))]);

        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    private static CacheEntry Read(string stored, string[] paths) =>
        Reader(paths).Read(new KeyValue("/registry/pods/ns/a", Encoding.UTF8.GetBytes(stored), 1, 42, 1), null);

    private static EntryReader Reader(string[] paths) => new(
        new ResourceCacheOptions { KeyPrefix = "/registry/pods/", Namespaced = true, FieldPaths = paths },
        new FieldLayout(paths),
        new StringPool());
}
