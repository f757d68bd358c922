using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Client;

public sealed class KubeJsonTests
{
    private static readonly DateTime s_time = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1234567);

    [Fact]
    public void Serialize_Lease_TimesAreSecondsAndMicroTimes()
    {
        var lease = new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "a", CreationTimestamp = s_time },
            Spec = new V1LeaseSpec { RenewTime = s_time },
        };
        Assert.Equal(
            """{"metadata":{"creationTimestamp":"2024-01-02T03:04:05Z","name":"a"},"spec":{"renewTime":"2024-01-02T03:04:05.123456Z"}}""",
            Encoding.UTF8.GetString(KubeJson.Serialize(lease)));
    }

    [Theory]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}}}}""")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]}}}}""")]
    public void Deserialize_ThenSerialize_SameDocument(string json)
    {
        var deployment = KubeJson.Deserialize<V1Deployment>(Encoding.UTF8.GetBytes(json));
        Assert.Equal(json, Encoding.UTF8.GetString(KubeJson.Serialize(deployment)));
    }

    [Fact]
    public void Deserialize_MicroTimeAndAnyValue_AreKept()
    {
        const string Json =
            """{"data":{"spec":{"template":{"$patch":"replace"}}},"metadata":{"creationTimestamp":"2024-01-02T03:04:05Z"},"revision":3}""";
        var revision = KubeJson.Deserialize<V1ControllerRevision>(Encoding.UTF8.GetBytes(Json));

        Assert.Equal(Json, Encoding.UTF8.GetString(KubeJson.Serialize(revision)));
        Assert.Equal(
            """{"count":2,"lastObservedTime":"2024-01-02T03:04:05.123456Z"}""",
            KubeJson.ToNode(new Corev1EventSeries { Count = 2, LastObservedTime = s_time })!.ToJsonString());
    }

    [Fact]
    public void With_TypesOfOnesOwn_AreAskedForWhatTheServersDontUse()
    {
        var asked = new AskedTypes();
        var options = KubeJson.With(asked);

        Assert.Equal(typeof(V1Pod), options.GetTypeInfo(typeof(V1Pod)).Type);
        Assert.Equal(typeof(V1Ingress), options.GetTypeInfo(typeof(V1Ingress)).Type);
        Assert.Contains(typeof(V1Ingress), asked.Types);
        Assert.DoesNotContain(typeof(V1Pod), asked.Types);
        Assert.DoesNotContain(typeof(V1ObjectMeta), asked.Types);
    }

    private sealed class AskedTypes : IJsonTypeInfoResolver
    {
        private readonly DefaultJsonTypeInfoResolver _inner = new();

        public List<Type> Types { get; } = [];

        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            Types.Add(type);
            return _inner.GetTypeInfo(type, options);
        }
    }
}
