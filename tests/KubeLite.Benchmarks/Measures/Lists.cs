using System.Text.Json;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Load.Frames;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Lists of all the Pods.</summary>
internal sealed class Lists(ServerClient client, FrameClient frames, BenchmarkOptions options, string ns)
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private string Pods => $"/api/v1/namespaces/{ns}/pods";

    /// <summary>The bytes of one list.</summary>
    public Task<byte[]> BytesAsync() => client.ReadAsync(HttpMethod.Get, Pods + "?resourceVersion=0");

    /// <summary>As informers begin.</summary>
    public Task<LoadResult> AnyVersionAsync() =>
        LoadGenerator.RunAsync(20, 2, options.Limit, _ => frames.ReadAsync(Pods + "?resourceVersion=0"));

    /// <summary>As kubectl lists by label.</summary>
    public Task<LoadResult> ConsistentAsync() => LoadGenerator.RunAsync(
        10, 1, options.Limit, _ => frames.ReadAsync(Pods + "?labelSelector=app%3Dbenchmark"));

    /// <summary>As kubectl get prints.</summary>
    public Task<LoadResult> TableAsync() =>
        LoadGenerator.RunAsync(10, 1, options.Limit, _ => frames.ReadAsync(Pods, Table));

    /// <summary>As kubectl walks.</summary>
    public Task<LoadResult> PagesAsync() => LoadGenerator.RunAsync(5, 1, options.Limit, _ => WalkAsync());

    private async Task<long> WalkAsync()
    {
        long bytes = 0;
        string? next = null;
        do
        {
            byte[] page = await client.ReadAsync(
                HttpMethod.Get, $"{Pods}?limit=500{(next is null ? "" : "&continue=" + Uri.EscapeDataString(next))}");
            bytes += page.Length;
            next = Continue(page);
        }
        while (!string.IsNullOrEmpty(next));
        return bytes;
    }

    private static string? Continue(byte[] page)
    {
        var reader = new Utf8JsonReader(page);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("continue"))
            {
                reader.Read();
                return reader.GetString();
            }

            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("items"))
            {
                reader.Read();
                reader.Skip();
            }
        }

        return null;
    }
}
