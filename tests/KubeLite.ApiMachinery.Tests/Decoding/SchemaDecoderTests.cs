using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Decoding;

public sealed class SchemaDecoderTests
{
    private static readonly Schema s_pod = ApiFacts.Newest.Type("io.k8s.api.core.v1.Pod");

    [Fact]
    public void Decode_UnknownMembers_GivesTheirPaths()
    {
        JsonMap pod = Read(
            """{"x":1,"metadata":{"labels":{"a.b/c":"d"},"x":1},"spec":{"containers":[{},{"x":1,"env":[{"valueFrom":{"x":1}}]}]}}""");
        List<string> unknown = [];

        SchemaDecoder.Decode(pod, s_pod, unknown);

        Assert.Equal(["x", "metadata.x", "spec.containers[1].x", "spec.containers[1].env[0].valueFrom.x"], unknown);
    }

    [Theory]
    [InlineData(
        """{"spec":{"containers":[{},{"env":[{"name":1}]}]}}""",
        "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.name of type string")]
    [InlineData(
        """{"metadata":{"labels":{"a":1}}}""",
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData(
        """{"spec":{"priority":4294967296}}""",
        "json: cannot unmarshal number 4294967296 into Go struct field PodSpec.spec.priority of type int32")]
    public void Decode_WrongType_NamesTheFieldsOnTheWay(string text, string message)
    {
        DecodeException e = Assert.Throws<DecodeException>(() => SchemaDecoder.Decode(Read(text), s_pod, []));

        Assert.Equal(message, e.Message);
    }

    private static JsonMap Read(string text) => JsonReading.ReadMap(Encoding.UTF8.GetBytes(text));
}
