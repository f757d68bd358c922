using System.Runtime;
using System.Text;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Load.Frames;
using KubeLite.Benchmarks.Measures;
using KubeLite.Benchmarks.Rows;
using KubeLite.Benchmarks.Targets;

namespace KubeLite.Benchmarks;

/// <summary>
/// Has this program's own code compiled before it measures anything. The load shares the processor with the server: while the runtime
/// compiled the load's code again for speed, that took up to a third of the two cores from whatever was measured first.
/// </summary>
internal static class OwnWarmUp
{
    /// <summary>A pass that has fewer methods compiled than this found everything warm.</summary>
    private const int Few = 10;

    private const int Passes = 12;

    /// <summary>Puts load on a server that does nothing, until the compiler has no more to do.</summary>
    public static async Task RunAsync(BenchmarkOptions options)
    {
        await using Yardstick yardstick = await Yardstick.StartAsync(new byte[4 << 20]);
        long compiled;
        int pass = 0;
        do
        {
            compiled = JitInfo.GetCompiledMethodCount();
            await PassAsync(yardstick.Client, options);
        }
        while (JitInfo.GetCompiledMethodCount() - compiled > Few && ++pass < Passes);
    }

    private static async Task PassAsync(ServerClient client, BenchmarkOptions options)
    {
        byte[] body = Encoding.UTF8.GetBytes("{}");
        await LoadGenerator.RunAsync(2_000, BenchmarkOptions.AtOnce, options.Limit, async i =>
        {
            await client.SendAsync(HttpMethod.Post, Yardstick.Events, body);
            await client.SendAsync(HttpMethod.Patch, Yardstick.Empty, body, "application/merge-patch+json");
            return await client.SendAsync(HttpMethod.Get, Yardstick.Empty);
        });
        await using FrameClient frames = await FrameClient.OpenAsync(client.Access);
        await LoadGenerator.RunAsync(20, 2, options.Limit, _ => frames.ReadAsync(Yardstick.Array));
        await new WatchFanOut(client, options.Creators, options.Limit).MeasureBareAsync(
            Catalog.BareFanOut, Catalog.BareFanOutLag, Yardstick.Events, bytes: 1_300, watchers: 100, events: 500);
    }
}
