using KubeLite.ControllerManager.Jobs;
using Xunit;

namespace KubeLite.ControllerManager.Tests.Jobs;

public sealed class IndexSetTests
{
    [Theory]
    [InlineData("0-2,5")]
    [InlineData("1,3-5,7")]
    [InlineData("0,1")]
    [InlineData("")]
    public void Parse_ThenToString_Same(string text) => Assert.Equal(text, IndexSet.Parse(text, 100).ToString());

    [Fact]
    public void Parse_AboveBound_LeftOut() => Assert.Equal("0,1", IndexSet.Parse("0-9", 2).ToString());
}
