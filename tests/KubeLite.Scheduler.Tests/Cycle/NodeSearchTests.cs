using KubeLite.Scheduler.Cycle;
using Xunit;

namespace KubeLite.Scheduler.Tests.Cycle;

public sealed class NodeSearchTests
{
    [Theory]
    [InlineData(50, 0, 50)]
    [InlineData(1000, 0, 420)]
    [InlineData(6000, 0, 300)]
    [InlineData(1000, 70, 700)]
    [InlineData(150, 10, 100)]
    public void EnoughNodes_AsKubernetes(int nodes, int percentage, int expected) =>
        Assert.Equal(expected, NodeSearch.EnoughNodes(nodes, percentage));

    [Fact]
    public async Task Settle_ManyPods_AreSpreadOverTheNodes()
    {
        var cluster = new Cluster();
        for (var i = 0; i < 10; i++)
        {
            cluster.Node(Make.Node("n" + i));
        }

        for (var i = 0; i < 40; i++)
        {
            cluster.Pod(Make.Pod("p" + i, null, "1"));
        }

        await cluster.SettleAsync();

        Assert.Equal(40, cluster.Bound.Count);
        Assert.All(cluster.Bound.Values.GroupBy(node => node), group => Assert.Equal(4, group.Count()));
    }
}
