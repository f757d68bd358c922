using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>What goes wrong with a disk: it fills, and it damages what it holds.</summary>
public sealed class SqliteFaultTests(ITestOutputHelper output)
{
    [SkippableFact]
    [Trait("Needs", "mount namespaces")]
    public async Task FullDisk_WritesAnswerWithAStatus_AndGoOnWhenThereIsRoom()
    {
        (int code, _, _) = await Shell.RunAsync("unshare", ["-rm", "true"]);
        Skip.If(code != 0, "mount namespaces are not allowed here (unshare -rm)");
        int seed = FaultFolder.Seed();
        output.WriteLine($"seed {seed}");
        using var folder = new FaultFolder();
        string disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        await using var server = new ServerChild(
            folder.Path,
            ["--datastore", "sqlite", "--sqlite-file", Path.Combine(disk, "store.db")],
            wrapper: $"exec unshare -rm bash -c 'mount -t tmpfs -o size=24m tmpfs {disk} && exec \"$@\"' server \"$@\"");
        await server.StartAsync();
        await using Load load = await Load.StartAsync([server], seed);
        await load.AcknowledgedAsync(100, TimeSpan.FromSeconds(30));

        // The disk is one of the server's mount namespace.
        string inside = $"/proc/{server.ProcessId}/root{disk}/filler";
        await Shell.RunAsync("dd", ["if=/dev/zero", $"of={inside}", "bs=4096"]);
        long unknown = load.History.Unknown;
        for (int i = 0; load.History.Unknown < unknown + 20; i++)
        {
            Assert.True(i < 300, "writes go on although the disk is full");
            await Task.Delay(100);
        }

        using HttpResponseMessage refused = await server.Http.PostAsync(
            "/api/v1/namespaces/default/configmaps",
            new StringContent(
                $$$"""{"metadata":{"name":"large"},"data":{"a":"{{{new string('a', 900_000)}}}"}}""", Encoding.UTF8, "application/json"));
        using JsonDocument status = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.True((int)refused.StatusCode >= 500, $"{refused.StatusCode}");
        Assert.Equal("Status", status.RootElement.GetProperty("kind").GetString());
        output.WriteLine($"{(int)refused.StatusCode}: {status.RootElement.GetProperty("message")}");
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/api/v1/namespaces/load/configmaps")).StatusCode);

        File.Delete(inside);
        await load.AcknowledgedAsync(100, TimeSpan.FromSeconds(20));
        await load.FinishAsync($"seed {seed}, full disk");
        output.WriteLine($"{load.History.Count} writes acknowledged, {load.History.Unknown} refused or of unknown fate, none lost");
    }

    [Theory]
    [InlineData("page")]
    [InlineData("value")]
    public async Task DamagedFile_IsSaidInOneLine_AndNotServed(string what)
    {
        using var folder = new FaultFolder();
        string path = Path.Combine(folder.Path, "store.db");
        await using var server = new ServerChild(folder.Path, ["--datastore", "sqlite", "--sqlite-file", path]);
        await server.StartAsync();
        string text = string.Concat(Enumerable.Repeat("find me, ", 5000));
        (await server.Http.PostAsync(
            "/api/v1/namespaces/default/configmaps",
            new StringContent(
                $$$"""{"metadata":{"name":"victim"},"data":{"a":"{{{text}}}"}}""", Encoding.UTF8,
                "application/json"))).EnsureSuccessStatusCode();
        await server.StopAsync();

        byte[] file = await File.ReadAllBytesAsync(path);
        if (what == "value")
        {
            file[file.AsSpan().LastIndexOf("find me, find me, "u8)] = (byte)'F';
        }
        else
        {
            Random.Shared.NextBytes(file.AsSpan(file.Length / 4096 / 2 * 4096, 4096));
        }

        await File.WriteAllBytesAsync(path, file);
        await using var again = new ServerChild(folder.Path, ["--datastore", "sqlite", "--sqlite-file", path]);
        again.Launch();

        Assert.Equal(1, await again.ExitAsync(TimeSpan.FromSeconds(30)));
        string said = Assert.Single(again.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        output.WriteLine(said);
        Assert.Contains("is damaged", said);
        Assert.Contains("restore it from a snapshot", said);
    }
}
