using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Many watchers of what a few clients create. The lag is from the request's sending to the event's arrival.</summary>
public sealed class WatchFanOut(ServerClient client, BenchmarkOptions options, string ns)
{
    private const int Creators = 8;

    private string Path => $"/api/v1/namespaces/{ns}/configmaps";

    /// <summary>Measures.</summary>
    /// <param name="watchers">How many watch.</param>
    /// <param name="events">How many objects are created.</param>
    public async Task<Measurement> MeasureAsync(int watchers, int events)
    {
        using var own = new ServerClient(client.Server, client.Token, client.Insecure);
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, Path + "?limit=1"));
        string since = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        using var limit = new CancellationTokenSource(options.Limit);
        Stream[] streams = await Task.WhenAll(Enumerable.Range(0, watchers).Select(
            _ => own.StreamAsync($"{Path}?watch=1&resourceVersion={since}", limit.Token)));
        var lags = new Latencies(watchers * events);
        long begun = Stopwatch.GetTimestamp();
        Task[] readers = [.. streams.Select(s => Task.Run(() => CountAsync(s, events, lags, limit.Token)))];
        Measurement created = await LoadGenerator.RunAsync(
            "creates", events, Creators, options.Limit,
            i => client.SendAsync(HttpMethod.Post, Path, Objects.Stamped($"watched-{watchers}-{i}", Stopwatch.GetTimestamp())));
        await Task.WhenAll(readers);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        foreach (Stream stream in streams)
        {
            await stream.DisposeAsync();
        }

        return new Measurement($"{watchers} watchers, {events} ConfigMaps created: events")
        {
            Count = lags.Count,
            Failed = (watchers * events) - lags.Count,
            PerSecond = lags.Count / seconds,
            P50 = lags.Percentile(0.5),
            P99 = lags.Percentile(0.99),
            Value = $"{created.PerSecond:0} creates/s",
        };
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
