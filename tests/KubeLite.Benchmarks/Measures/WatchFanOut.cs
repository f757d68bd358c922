using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Many watchers of what a few clients create. The lag is from the request's sending to the event's arrival.</summary>
public sealed class WatchFanOut(ServerClient client, BenchmarkOptions options, string ns)
{
    private const int Creators = 8;

    private string Path => $"/api/v1/namespaces/{ns}/configmaps";

    /// <summary>Measures.</summary>
    /// <param name="delivered">The row of the events that arrive.</param>
    /// <param name="late">The row of the lag that 99 of 100 don't exceed.</param>
    /// <param name="watchers">How many watch.</param>
    /// <param name="events">How many objects are created.</param>
    public async Task<(Measurement Delivered, Measurement Lag)> MeasureAsync(Row delivered, Row late, int watchers, int events)
    {
        using var own = new ServerClient(client.Access);
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, Path + "?limit=1"));
        string since = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        using var limit = new CancellationTokenSource(options.Limit);
        Stream[] streams = await Task.WhenAll(Enumerable.Range(0, watchers).Select(
            _ => own.StreamAsync($"{Path}?watch=1&resourceVersion={since}", limit.Token)));
        var lags = new Latencies(watchers * events);
        long begun = Stopwatch.GetTimestamp();
        Task[] readers = [.. streams.Select(s => Task.Run(() => CountAsync(s, events, lags, limit.Token)))];
        LoadResult created = await LoadGenerator.RunAsync(
            events, Creators, options.Limit,
            i => client.SendAsync(HttpMethod.Post, Path, Objects.Stamped($"watched-{watchers}-{i}", Stopwatch.GetTimestamp())));
        await Task.WhenAll(readers);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        foreach (Stream stream in streams)
        {
            await stream.DisposeAsync();
        }

        int missing = (watchers * events) - lags.Count;
        double? p50 = lags.Percentile(0.5), p99 = lags.Percentile(0.99);
        return (
            new Measurement(delivered, lags.Count / seconds) { Count = lags.Count, Failed = missing, Note = $"{created.PerSecond:0} creates/s" },
            new Measurement(late, p99 ?? double.PositiveInfinity) { Count = lags.Count, Failed = missing, P50 = p50, P99 = p99 });
    }

    private static async Task CountAsync(Stream stream, int events, Latencies lags, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 << 10];
        int filled = 0, seen = 0;
        try
        {
            while (seen < events)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                long now = Stopwatch.GetTimestamp();
                filled += read;
                int start = 0;
                for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
                {
                    if (Sent(buffer.AsSpan(start, end)) is { } sent)
                    {
                        lags.Add(now - sent);
                        seen++;
                    }
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up: what has not come counts as failed.
        }
    }

    private static long? Sent(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> key = "\"sent\":\""u8;
        int at = line.IndexOf(key);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(line[(at + key.Length)..], out long sent, out _) ? sent : null;
    }
}
