using KubeLite.Cli.Up;
using KubeLite.Hosting;
using Xunit;

namespace KubeLite.Cli.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("kubelite-cli-").FullName, "data");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void Open_Twice_SaysWhoHasIt()
    {
        using var folder = DataFolder.Open(_path);

        Assert.True(DataFolder.IsInUse(_path));
        var e = Assert.Throws<StartupException>(() => DataFolder.Open(_path));
        Assert.Contains($"process {Environment.ProcessId}", e.Message, StringComparison.Ordinal);
        Assert.Contains("kubelite down", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AfterTheFirstHasGone_Works()
    {
        DataFolder.Open(_path).Dispose();
        Assert.False(DataFolder.IsInUse(_path));
        Assert.Null(DataFolder.RunningProcess(_path));
        DataFolder.Open(_path).Dispose();
    }

    [Fact]
    public void Open_AnotherVersion_SaysWhatToDo()
    {
        DataFolder.Open(_path).Dispose();
        File.WriteAllText(Path.Combine(_path, "version"), "99\n");

        var e = Assert.Throws<StartupException>(() => DataFolder.Open(_path));
        Assert.Contains("version 99", e.Message, StringComparison.Ordinal);
        Assert.Contains("kubelite reset", e.Message, StringComparison.Ordinal);
        Assert.False(DataFolder.IsInUse(_path));
    }

    [Fact]
    public void Reset_InUse_IsRefused()
    {
        using var folder = DataFolder.Open(_path);
        Assert.Contains(
            "kubelite down first", Assert.Throws<StartupException>(() => DownCommand.Reset(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reset_NotOurs_IsRefused()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllText(Path.Combine(_path, "precious"), "");

        Assert.Throws<StartupException>(() => DownCommand.Reset(_path));
        Assert.True(File.Exists(Path.Combine(_path, "precious")));
    }

    [Fact]
    public void Reset_AfterTheEnd_RemovesEverything()
    {
        DataFolder.Open(_path).Dispose();
        DownCommand.Reset(_path);
        Assert.False(Directory.Exists(_path));
    }

    [Fact]
    public void Credentials_SecondTime_AreTheSame()
    {
        using var folder = DataFolder.Open(_path);
        var options = new UpOptions { DataFolder = _path };
        var first = ClusterCredentials.Ensure(folder, options, TimeProvider.System);
        var second = ClusterCredentials.Ensure(folder, options, TimeProvider.System);

        Assert.Equal(first.Admin, second.Admin);
        Assert.Contains("https://127.0.0.1:6443", File.ReadAllText(folder.AdminKubeconfig), StringComparison.Ordinal);
    }
}
