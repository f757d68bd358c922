using KubeLite.ApiMachinery.Facts;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Facts;

public sealed class ApiFactsTests
{
    private static readonly ApiFacts s_facts = ApiFacts.Load();

    [Fact]
    public void Load_NewestVersion_KnowsEveryServedKind()
    {
        foreach (ResourceFacts resource in s_facts.Resources.Where(r => r.Subresource.Length == 0))
        {
            Assert.True(s_facts.TryGetKind(resource.Kind, out Schema? schema), resource.QualifiedName);
            Assert.NotEmpty(schema.Fields);
        }
    }

    [Fact]
    public void Type_ServicePorts_HasTheKeysOfApplyAndOfPatches()
    {
        SchemaField ports = s_facts.Type("io.k8s.api.core.v1.ServiceSpec").Field("ports")!;
        Assert.Equal(ListType.Map, ports.Schema.ListType);
        Assert.Equal(["port", "protocol"], ports.Schema.ListKeys);
        Assert.True(ports.PatchMerges);
        Assert.Equal("port", ports.PatchMergeKey);
    }

    [Fact]
    public void Load_UnknownVersion_SaysSo()
    {
        var error = Assert.Throws<ArgumentException>(() => ApiFacts.Load("v0.1"));
        Assert.Contains("v0.1", error.Message);
    }
}
