using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Load.Frames;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Many watchers of what a few clients create. The lag is from the request's sending to the event's arrival.</summary>
/// <param name="client">Creates; those who watch have connections of their own.</param>
/// <param name="creators">How many create at once.</param>
/// <param name="limit">How long it may take; what has not come by then counts as failed.</param>
public sealed class WatchFanOut(ServerClient client, int creators, TimeSpan limit)
{
    private long _bytes;
    private long _events;

    /// <summary>Bytes of an event, on the average of what was measured.</summary>
    public int BytesPerEvent => (int)(_bytes / Math.Max(1, _events));

    /// <summary>Measures on an API server.</summary>
    /// <param name="delivered">The row of the events that arrive.</param>
    /// <param name="late">The row of the lag that 99 of 100 don't exceed.</param>
    /// <param name="ns">Where objects are created.</param>
    /// <param name="watchers">How many watch.</param>
    /// <param name="events">How many objects are created.</param>
    public async Task<(Measurement Delivered, Measurement Lag)> MeasureAsync(Row delivered, Row late, string ns, int watchers, int events)
    {
        string path = $"/api/v1/namespaces/{ns}/configmaps";
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, path + "?limit=1"));
        string since = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        return await MeasureAsync(
            delivered, late, $"{path}?watch=1&resourceVersion={since}", path, (i, sent) => Objects.Stamped(
                $"watched-{watchers}-{i}", sent), watchers, events);
    }

    /// <summary>Measures on a server that sends each body it gets to all who listen, as it is.</summary>
    /// <param name="delivered">The row of the events that arrive.</param>
    /// <param name="late">The row of the lag that 99 of 100 don't exceed.</param>
    /// <param name="path">Takes bodies, and gives them.</param>
    /// <param name="bytes">The length of a body.</param>
    /// <param name="watchers">How many listen.</param>
    /// <param name="events">How many bodies are sent.</param>
    public Task<(Measurement Delivered, Measurement Lag)> MeasureBareAsync(
        Row delivered, Row late, string path, int bytes, int watchers, int events) =>
        MeasureAsync(
            delivered, late, path, path, (_, sent) => Encoding.UTF8.GetBytes($$"""{"sent":"{{sent}}"}""".PadRight(bytes - 1) + '\n'),
            watchers, events);

    private async Task<(Measurement Delivered, Measurement Lag)> MeasureAsync(
        Row delivered, Row late, string watchPath, string createPath, Func<int, long, byte[]> body, int watchers, int events)
    {
        using var patience = new CancellationTokenSource(limit);
        await using FrameClient own = await FrameClient.OpenAsync(client.Access);
        var lags = new Latencies(watchers * events);
        Watching[] all = [.. Enumerable.Range(0, watchers).Select(_ => new Watching(events, lags))];
        FrameStream[] streams = await Task.WhenAll(all.Select(w => own.FollowAsync(watchPath, w.Take)));
        long begun = Stopwatch.GetTimestamp();
        LoadResult created = await LoadGenerator.RunAsync(
            events, creators, limit, i => client.SendAsync(HttpMethod.Post, createPath, body(i, Stopwatch.GetTimestamp())));
        await Task.WhenAll(all.Zip(streams, (w, s) => Task.WhenAny(w.Done, s.Ending, Task.Delay(Timeout.Infinite, patience.Token))));
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        _bytes += all.Sum(w => w.Bytes);
        _events += all.Sum(w => w.Seen);
        int missing = (watchers * events) - lags.Count;
        double? p50 = lags.Percentile(0.5), p99 = lags.Percentile(0.99);
        return (
            new Measurement(delivered, lags.Count / seconds)
            {
                Count = lags.Count,
                Failed = missing,
                Note = $"{created.PerSecond:0} creates/s",
            },
            new Measurement(late, p99 ?? double.PositiveInfinity) { Count = lags.Count, Failed = missing, P50 = p50, P99 = p99 });
    }

    /// <summary>What comes to one watcher.</summary>
    private sealed class Watching(int events, Latencies lags)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes { get; private set; }

        public int Seen { get; private set; }

        /// <summary>Completes when all have come.</summary>
        public Task Done => _done.Task;

        public void Take(ReadOnlySpan<byte> line)
        {
            Bytes += line.Length + 1;
            if (Sent(line) is { } sent)
            {
                lags.Add(Stopwatch.GetTimestamp() - sent);
                if (++Seen == events)
                {
                    _done.TrySetResult();
                }
            }
        }

        private static long? Sent(ReadOnlySpan<byte> line)
        {
            ReadOnlySpan<byte> key = "\"sent\":\""u8;
            int at = line.IndexOf(key);
            return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(line[(at + key.Length)..], out long sent, out _) ? sent : null;
        }
    }
}
