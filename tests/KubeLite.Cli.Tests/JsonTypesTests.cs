using System.Reflection;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;

namespace KubeLite.Cli.Tests;

/// <summary>
/// The programs write and read JSON without reflection, and so do these tests: what isn't among the known types fails here instead
/// of in a cluster.
/// </summary>
public sealed class JsonTypesTests
{
    private static readonly string[] s_assemblies =
    [
        "KubeLite.ControllerRuntime", "kubelite-scheduler", "kubelite-controller-manager", "kubelite-kubelet", "kubelite",
    ];

    // Those whose type arguments are written or read.
    private static readonly string[] s_writers = ["ApiClient", "ApiTransport", "JsonCompare", "KubeJson", "ResourceClient`1"];

    [Fact]
    public void Reflection_InPrograms_IsOff() => Assert.False(JsonSerializer.IsReflectionEnabledByDefault);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void KubeJson_EveryTypeThatIsUsed_IsKnown(string name)
    {
        var (all, ofMethods) = UsedTypes.In(Assembly.Load(name));
        var needed = all.Where(t => t.Namespace == "k8s.Models" && typeof(IKubernetesObject).IsAssignableFrom(t)).ToHashSet();
        needed.UnionWith(all
            .Where(t => t.IsClass && typeof(IKubernetesObject<V1ObjectMeta>).IsAssignableFrom(t))
            .Where(t => t != typeof(V2APIGroupDiscovery)) // Comes in a list of its own kind.
            .Select(t => typeof(ResourceList<>).MakeGenericType(t)));
        needed.UnionWith(ofMethods.Where(m => s_writers.Contains(m.Declaring)).Select(m => m.Argument));

        var missing = needed.Where(t => !KubeJson.Options.TryGetTypeInfo(t, out _)).ToList();
        Assert.True(missing.Count == 0, "Add to KubeJsonContext: " + string.Join(", ", missing));
    }

    [Fact]
    public void Serialize_ATypeThatNobodyUses_SaysWhereToAddIt()
    {
        var e = Assert.Throws<NotSupportedException>(() => KubeJson.Serialize(new V1FlowSchema()));
        Assert.Contains("V1FlowSchema", e.Message, StringComparison.Ordinal);
        Assert.Contains("KubeJsonContext", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Assemblies() => [.. s_assemblies];
}
