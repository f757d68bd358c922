using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Measures;

/// <summary>
/// Counts the Pods that are bound to Nodes, as an informer follows them: a watch that ends is opened again from its last revision, and
/// one that is too old begins anew with a list, so that none is missed.
/// </summary>
/// <param name="client">Reads.</param>
/// <param name="path">The URL path of the Pods.</param>
/// <param name="labels">Label selector of the Pods.</param>
/// <param name="prefix">What the names of the counted Pods begin with.</param>
/// <param name="wanted">How many are waited for.</param>
public sealed class Bindings(ServerClient client, string path, string labels, string prefix, int wanted)
{
    private readonly HashSet<string> _bound = [];
    private readonly string _selector = "labelSelector=" + Uri.EscapeDataString(labels);
    private string _revision = "";
    private long _first;
    private long _last;

    /// <summary>How many were seen bound.</summary>
    public int Count => _bound.Count;

    /// <summary>How often the watch ended before its time.</summary>
    public int Reopened { get; private set; }

    /// <summary>Counts until all are bound or the token says that time is up.</summary>
    /// <param name="since">The revision from which on events count.</param>
    /// <param name="cancellationToken">Ends the count; no exception is thrown.</param>
    /// <returns>Seconds from the first binding to the last.</returns>
    public async Task<double> CountAsync(string since, CancellationToken cancellationToken)
    {
        _revision = since;
        try
        {
            while (true)
            {
                bool gone = await FollowAsync(cancellationToken);
                if (_bound.Count >= wanted)
                {
                    break;
                }

                Reopened++;
                if (gone)
                {
                    await ListAsync();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Time is up.
        }

        return Math.Max(0.001, Stopwatch.GetElapsedTime(_first, _last).TotalSeconds);
    }

    /// <summary>Follows one watch to its end.</summary>
    /// <returns>True where its revision is too old to go on from.</returns>
    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        Stream stream;
        try
        {
            stream = await client.StreamAsync(
                $"{path}?watch=1&allowWatchBookmarks=true&resourceVersion={_revision}&{_selector}", cancellationToken);
        }
        catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.Gone)
        {
            return true;
        }

        using var reader = new StreamReader(stream);
        while (_bound.Count < wanted && await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            using JsonDocument parsed = JsonDocument.Parse(line);
            JsonElement item = parsed.RootElement.GetProperty("object");
            if (parsed.RootElement.GetProperty("type").ValueEquals("ERROR"))
            {
                return item.GetProperty("code").GetInt32() == (int)System.Net.HttpStatusCode.Gone
                    ? true
                    : throw new InvalidOperationException("the watch failed: " + line);
            }

            _revision = item.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
            Look(item);
        }

        return false;
    }

    private async Task ListAsync()
    {
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, $"{path}?{_selector}"));
        _revision = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        foreach (JsonElement item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            Look(item);
        }
    }

    private void Look(JsonElement pod)
    {
        if (pod.TryGetProperty("spec", out JsonElement spec) && spec.TryGetProperty("nodeName", out _)
            && pod.GetProperty("metadata").GetProperty("name").GetString() is { } name
            && name.StartsWith(prefix, false, CultureInfo.InvariantCulture) && _bound.Add(name))
        {
            _last = Stopwatch.GetTimestamp();
            _first = _first == 0 ? _last : _first;
        }
    }
}
