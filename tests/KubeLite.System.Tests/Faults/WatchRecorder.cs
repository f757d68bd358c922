using System.Globalization;
using System.Net;
using System.Text.Json;

namespace KubeLite.System.Tests.Faults;

/// <summary>Watches the ConfigMaps of a namespace through one server as clients do: from the last revision after a broken
/// connection, from a new list after 410. Runs until it is disposed.</summary>
internal sealed class WatchRecorder : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly string _path;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WatchSegment> _segments = [];
    private readonly Task _run;
    private readonly bool _resumes;

    /// <summary>Begins to watch.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="http">A client of the server.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="resumes">False where a broken watch begins with a new list.</param>
    public WatchRecorder(string name, HttpClient http, string ns, bool resumes = true)
    {
        Name = name;
        _http = http;
        _resumes = resumes;
        _path = $"/api/v1/namespaces/{ns}/configmaps";
        _run = Task.Run(RunAsync);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What was watched; complete once it is disposed.</summary>
    public IReadOnlyList<WatchSegment> Segments => _segments;

    /// <summary>Waits until it has seen a revision.</summary>
    public async Task ReachAsync(long revision, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        while (true)
        {
            lock (_segments)
            {
                if (_segments.Count > 0 && _segments[^1].To >= revision)
                {
                    return;
                }
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{Name} has not reached revision {revision} within {limit}, only {_segments.LastOrDefault()?.To}");
            }

            await Task.Delay(50);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        bool listed = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (!listed)
                {
                    await ListAsync();
                    listed = true;
                }

                listed = await WatchAsync() && _resumes;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
            {
                listed = listed && _resumes;
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task ListAsync()
    {
        using HttpResponseMessage response = await _http.GetAsync(_path, _stop.Token);
        response.EnsureSuccessStatusCode();
        using JsonDocument list = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(_stop.Token));
        string[] names = [.. list.RootElement.GetProperty("items").EnumerateArray().Select(NameOf)];
        lock (_segments)
        {
            _segments.Add(new WatchSegment(RevisionOf(list.RootElement), names));
        }
    }

    /// <summary>False where the server wants a new list.</summary>
    private async Task<bool> WatchAsync()
    {
        WatchSegment segment = _segments[^1];
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"{_path}?watch=1&allowWatchBookmarks=true&resourceVersion={segment.To}");
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _stop.Token);
        if (response.StatusCode == HttpStatusCode.Gone)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(_stop.Token));
        while (await lines.ReadLineAsync(_stop.Token) is { } line)
        {
            using JsonDocument frame = JsonDocument.Parse(line);
            string type = frame.RootElement.GetProperty("type").GetString()!;
            JsonElement obj = frame.RootElement.GetProperty("object");
            if (type == "ERROR")
            {
                return obj.GetProperty("code").GetInt32() != 410;
            }

            lock (_segments)
            {
                segment.To = Math.Max(segment.To, RevisionOf(obj));
                if (type != "BOOKMARK")
                {
                    segment.Events.Add(new WatchedEvent(type, NameOf(obj), LoadWorker.SequenceOf(obj), RevisionOf(obj)));
                }
            }
        }

        return true;
    }

    private static string NameOf(JsonElement obj) => obj.GetProperty("metadata").GetProperty("name").GetString()!;

    private static long RevisionOf(JsonElement obj) =>
        long.Parse(obj.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, CultureInfo.InvariantCulture);
}
