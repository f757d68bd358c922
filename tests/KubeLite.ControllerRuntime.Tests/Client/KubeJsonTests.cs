using System.Text;
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
}
