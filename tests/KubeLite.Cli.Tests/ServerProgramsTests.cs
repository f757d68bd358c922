using Xunit;

namespace KubeLite.Cli.Tests;

public sealed class ServerProgramsTests
{
    [Theory]
    [InlineData("kubelite-apiserver", "RunApiServerAsync")]
    [InlineData("./kubelite-scheduler", "RunSchedulerAsync")]
    [InlineData("/usr/bin/kubelite-controller-manager", "RunControllerManagerAsync")]
    [InlineData("kubelite-kubelet", "RunKubeletAsync")]
    [InlineData("/usr/bin/kubelite", null)]
    [InlineData("/usr/share/kubelite-kubelet/kubelite.dll", null)]
    public void Find_NameOfTheProgram_IsTheServers(string program, string? main) =>
        Assert.Equal(main, ServerPrograms.Find(program)?.Method.Name);
}
