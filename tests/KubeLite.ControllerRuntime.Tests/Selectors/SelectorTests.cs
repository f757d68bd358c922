using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Selectors;

public sealed class SelectorTests
{
    private static readonly Dictionary<string, string> s_labels = new() { ["a"] = "1", ["b"] = "x" };

    [Theory]
    [InlineData("a", "In", "1", true)]
    [InlineData("a", "In", "2", false)]
    [InlineData("c", "NotIn", "1", true)]
    [InlineData("b", "Exists", null, true)]
    [InlineData("b", "DoesNotExist", null, false)]
    [InlineData("a", "Gt", "0", true)]
    [InlineData("a", "Lt", "0", false)]
    [InlineData("b", "Gt", "0", false)]
    public void Matches_Operator_AsKubernetes(string key, string op, string? value, bool expected) =>
        Assert.Equal(expected, LabelSelectors.Matches(key, op, value is null ? null : [value], s_labels));

    [Fact]
    public void Matches_NullAndEmpty_NothingAndEverything()
    {
        Assert.False(LabelSelectors.Matches(null, s_labels));
        Assert.True(LabelSelectors.Matches(new V1LabelSelector(), null));
    }

    [Fact]
    public void FindUntolerated_ByEffectKeyAndValue()
    {
        var taint = new V1Taint { Key = "k", Value = "v", Effect = "NoSchedule" };
        Assert.Same(taint, Tolerations.FindUntolerated([taint], null, "NoSchedule"));
        Assert.Null(Tolerations.FindUntolerated([taint], null, "NoExecute"));
        Assert.Null(Tolerations.FindUntolerated([taint], [new V1Toleration { OperatorProperty = "Exists" }], "NoSchedule"));
        Assert.NotNull(Tolerations.FindUntolerated([taint], [new V1Toleration { Key = "k", Value = "w" }], "NoSchedule"));
    }

    [Theory]
    [InlineData("0.5", 500, 1)]
    [InlineData("1Ki", 1024000, 1024)]
    [InlineData("1n", 1, 1)]
    [InlineData("100E", long.MaxValue, long.MaxValue)]
    public void Quantities_RoundUp(string text, long milli, long whole)
    {
        Assert.Equal(milli, Quantities.MilliValue(new ResourceQuantity(text)));
        Assert.Equal(whole, Quantities.Value(new ResourceQuantity(text)));
    }
}
