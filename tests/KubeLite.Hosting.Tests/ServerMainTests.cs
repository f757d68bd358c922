using System.CommandLine;
using KubeLite.Hosting.CommandLine;
using Xunit;

namespace KubeLite.Hosting.Tests;

public sealed class ServerMainTests
{
    [Fact]
    public async Task RunAsync_KubeStyleFlags_AreParsed()
    {
        var command = new ServerCommand("test", "a test");
        var text = command.String("text", "", "");
        var on = command.Bool("on", true, "");
        var list = command.List("list", [], "");
        var duration = command.Duration("period", TimeSpan.Zero, "");
        ParseResult? seen = null;

        var code = await ServerMain.RunAsync(
            command,
            context =>
            {
                seen = context.Flags;
                return new EndsAtOnce();
            },
            ["--text", "a=b", "--on=false", "--list=a,b", "--list", "c", "--period=1m30s", "--v=2"]);

        Assert.Equal(0, code);
        Assert.Equal("a=b", seen!.GetValue(text));
        Assert.False(seen.GetValue(on));
        Assert.Equal(["a", "b", "c"], seen.GetValue(list)!);
        Assert.Equal(TimeSpan.FromSeconds(90), seen.GetValue(duration));
    }

    [Theory]
    [InlineData("--unknown=1")]
    [InlineData("--period=soon")]
    public async Task RunAsync_BadFlag_ExitsWithOne(string flag)
    {
        var command = new ServerCommand("test", "a test");
        command.Duration("period", TimeSpan.Zero, "");

        Assert.Equal(1, await ServerMain.RunAsync(command, _ => new EndsAtOnce(), [flag]));
    }

    [Fact]
    public async Task RunAsync_StartFails_ExitsWithOne() => Assert.Equal(
        1, await ServerMain.RunAsync(new ServerCommand("test", ""), _ => throw new StartupException("no"), []));

    private sealed class EndsAtOnce : IServerProcess
    {
        public string Name => "test";

        public Task Completion => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
