using System.Buffers;
using System.Text;
using System.Text.Json;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Informers;

public sealed class CachedObjectReaderTests
{
    private const string Pod = """
        {"kind":"Pod","apiVersion":"v1",
         "metadata":{"name":"p","namespace":"ns","generateName":"p-","uid":"u1","resourceVersion":"7","generation":3,
           "creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":"2026-01-02T03:05:05Z","deletionGracePeriodSeconds":30,
           "labels":{"app":"wéb","with\"quote":"v"},"annotations":{"note":"a \u00e4 \"text\""},"finalizers":["f/1"],
           "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"u2","controller":true,
             "blockOwnerDeletion":false}],
           "managedFields":[{"manager":"m","operation":"Update","fieldsV1":{"f:spec":{}}}],"selfLink":"/x"},
         "spec":{"containers":[{"name":"c","env":[{"name":"nodeName","value":"no"}]}],"nodeName":"n1","tolerations":null},
         "status":{"conditions":[{"type":"phase","status":"True"}],"phase":"Running"}}
        """;

    private static CachedObject<T> Read<T>(string json, Action<V1ObjectMeta>? trim = null, int split = 0)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var resource = typeof(T) == typeof(PartialObjectMetadata) ? ResourceInfo.Of<V1Pod>() : ResourceInfo.Of<T>();
        var reader = new CachedObjectReader<T>(resource, () => KubeJson.Type<T>(KubeJson.Options), trim);
        var bytes = Encoding.UTF8.GetBytes(json);
        var sequence = split == 0 ? new ReadOnlySequence<byte>(bytes) : Split(bytes, split);
        var tokens = split == 0 ? new Utf8JsonReader(bytes) : new Utf8JsonReader(sequence);
        tokens.Read();
        return reader.Read(ref tokens, sequence);
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, int size)
    {
        Segment first = new(bytes.AsMemory(0, Math.Min(size, bytes.Length)), 0), last = first;
        for (var at = size; at < bytes.Length; at += size)
        {
            last = last.Append(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
        }
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        internal Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Read_WholePod_IsTheModelWithoutManagedFields(int split)
    {
        var expected = KubeJson.Deserialize<V1Pod>(Encoding.UTF8.GetBytes(Pod));
        expected.Metadata.ManagedFields = null;

        var cached = Read<V1Pod>(Pod, split: split);

        Assert.Equal(new ObjectKey("ns", "p"), cached.Key);
        Assert.Equal(
            Encoding.UTF8.GetString(KubeJson.Serialize(expected.Metadata)), Encoding.UTF8.GetString(KubeJson.Serialize(cached.Metadata)));
        Assert.False(cached.IsRead);
        Assert.Equal(Encoding.UTF8.GetString(KubeJson.Serialize(expected)), Encoding.UTF8.GetString(KubeJson.Serialize(cached.Value)));
        Assert.Same(cached.Value, cached.Value);
        Assert.Same(cached.Metadata, cached.Value.Metadata);
        Assert.Equal(DateTimeKind.Utc, cached.Metadata.CreationTimestamp!.Value.Kind);
    }

    [Fact]
    public void Read_Pod_NodeAndPhaseAreKnownUnread()
    {
        var cached = Read<V1Pod>(Pod);

        Assert.Equal("n1", cached.NodeName());
        Assert.Equal("Running", cached.Phase());
        Assert.False(cached.IsTerminal());
        Assert.False(cached.IsRead);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"p"}}""")]
    [InlineData("""{"metadata":{"name":"p"},"spec":null,"status":{}}""")]
    [InlineData("""{"spec":{"nodeName":null},"status":{"phase":null},"metadata":{"name":"p","labels":null,"ownerReferences":null}}""")]
    public void Read_PodWithoutThem_FieldsAreEmpty(string json)
    {
        var cached = Read<V1Pod>(json);

        Assert.Equal("", cached.NodeName());
        Assert.Equal("", cached.Phase());
        Assert.Equal("p", cached.Value.Metadata.Name);
        Assert.Equal("Pod", cached.Value.Kind);
        Assert.Equal("v1", cached.Value.ApiVersion);
    }

    [Fact]
    public void Read_MembersAroundMetadata_AreAllKept()
    {
        var cached = Read<V1ConfigMap>(
            """{"data":{"a":"1"},"kind":"ConfigMap","immutable":true,"metadata":{"name":"m"},"apiVersion":"v1","binaryData":{"b":"AA=="}}""");

        Assert.Equal("1", cached.Value.Data["a"]);
        Assert.True(cached.Value.Immutable);
        Assert.Equal([0], cached.Value.BinaryData["b"]);
    }

    [Fact]
    public void Read_PartialMetadata_IsTrimmed()
    {
        var cached = Read<PartialObjectMetadata>(
            """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"p","labels":{"a":"b"}}}""",
            metadata => metadata.Labels = null);

        Assert.Equal("meta.k8s.io/v1", cached.Value.ApiVersion);
        Assert.Equal("p", cached.Value.Metadata.Name);
        Assert.Null(cached.Metadata.Labels);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":{"name":5}}""")]
    [InlineData("""{"metadata":{"labels":{"a":{}}}}""")]
    [InlineData("""{"metadata":{"creationTimestamp":"soon"}}""")]
    [InlineData("""{"a":1,"kind":"x","b":1,"kind":"x","c":1,"kind":"x","d":1,"kind":"x","e":1}""")]
    public void Read_NoObject_Throws(string json) => Assert.Throws<JsonException>(() => Read<V1Pod>(json));

    [Fact]
    public void Value_NotTheModel_ThrowsThereAndNotBefore()
    {
        var cached = Read<V1Pod>("""{"metadata":{"name":"p"},"spec":{"containers":"none"}}""");

        Assert.Equal("p", cached.Metadata.Name);
        Assert.Throws<JsonException>(() => cached.Value);
    }

    [Fact]
    public void Read_EqualTexts_AreOneString()
    {
        var reader = new CachedObjectReader<V1Pod>(ResourceInfo.Of<V1Pod>(), () => KubeJson.Type<V1Pod>(KubeJson.Options), null);
        var bytes = Encoding.UTF8.GetBytes(Pod);
        CachedObject<V1Pod> Once()
        {
            var tokens = new Utf8JsonReader(bytes);
            tokens.Read();
            return reader.Read(ref tokens, new ReadOnlySequence<byte>(bytes));
        }

        CachedObject<V1Pod> one = Once(), two = Once();

        Assert.Same(one.Metadata.NamespaceProperty, two.Metadata.NamespaceProperty);
        Assert.Same(one.NodeName(), two.NodeName());
        Assert.Equal("wéb", one.Metadata.Labels["app"]);
    }
}
