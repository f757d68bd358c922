using Xunit;

namespace KubeLite.ControllerManager.Tests.Running;

public sealed class ControllerTableTests
{
    [Fact]
    public void Select_Star_AllOnByDefault() => Assert.Equal(ControllerTable.All.Where(d => d.OnByDefault), ControllerTable.Select(["*"]));

    [Fact]
    public void Select_StarWithout_LeavesOut() =>
        Assert.DoesNotContain(ControllerTable.Select(["*", "-job-controller"]), d => d.Name == "job-controller");

    [Fact]
    public void Select_Name_OnlyThat() => Assert.Equal(["job-controller"], ControllerTable.Select(["job-controller"]).Select(d => d.Name));

    [Fact]
    public void Select_Unknown_SaysWhichThereAre() =>
        Assert.Contains(
            "deployment-controller", Assert.Throws<ArgumentException>(() => ControllerTable.Select(["nope"])).Message,
            StringComparison.Ordinal);
}
