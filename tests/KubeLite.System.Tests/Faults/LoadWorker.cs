using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace KubeLite.System.Tests.Faults;

/// <summary>
/// Creates, updates and deletes a few ConfigMaps of its own, one after the other, as fast as it is answered. Each write carries
/// a number that rises. After an answer that says nothing about a write's fate the object is read, and must not be older than
/// what was acknowledged.
/// </summary>
internal sealed class LoadWorker(int id, HttpClient[] servers, string ns, WriteHistory history, Random random, bool reads)
{
    private const int Names = 5;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, (long Sequence, long Revision)?> _known = [];
    private readonly Dictionary<string, long> _acknowledged = [];
    private readonly HashSet<string> _uncertain = [];
    private long _sequence;
    private int _server = Random.Shared.Next(1000);

    /// <summary>The newest revision it was given.</summary>
    public long Newest { get; private set; }

    /// <summary>Works until cancelled; the write that is under way is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string name = $"w{id}-{random.Next(Names)}";
            if (_uncertain.Contains(name) && !await ResolveAsync(name))
            {
                await Task.Delay(50, CancellationToken.None);
                continue;
            }

            await WriteAsync(name);
        }
    }

    /// <summary>Reads every object through every server: nothing that was acknowledged may be missing.</summary>
    public async Task VerifyAsync()
    {
        foreach (string name in _known.Keys.ToList())
        {
            for (int i = 0; i < servers.Length; i++)
            {
                _server = i;
                if (!await ResolveAsync(name))
                {
                    history.Violate($"{name} can't be read in the end");
                }
            }
        }
    }

    /// <summary>The number of the write that an object comes from.</summary>
    public static long SequenceOf(JsonElement obj) => obj.TryGetProperty("data", out JsonElement data)
        && data.TryGetProperty("n", out JsonElement n)
        ? long.Parse(n.GetString()!, CultureInfo.InvariantCulture)
        : 0;

    private async Task WriteAsync(string name)
    {
        long sequence = ++_sequence;
        (long Sequence, long Revision)? known = _known.GetValueOrDefault(name);
        string kind = known is null ? "create" : random.Next(10) == 0 ? "delete" : "update";
        string path = $"/api/v1/namespaces/{ns}/configmaps";
        using HttpRequestMessage request = kind switch
        {
            "create" => new HttpRequestMessage(HttpMethod.Post, path) { Content = Body(name, sequence, 0) },
            "update" => new HttpRequestMessage(HttpMethod.Put, $"{path}/{name}") { Content = Body(name, sequence, known!.Value.Revision) },
            _ => new HttpRequestMessage(HttpMethod.Delete, $"{path}/{name}"),
        };
        // Noted first: from here on the write may take place.
        _known[name] = known;
        _uncertain.Add(name);
        (HttpStatusCode code, JsonElement body)? answer = await SendAsync(request);
        switch (answer?.code)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                long revision = kind == "delete" ? 0 : RevisionOf(answer.Value.body);
                history.Acknowledge(kind, name, sequence, revision);
                _acknowledged[name] = sequence;
                _known[name] = kind == "delete" ? null : (sequence, revision);
                _uncertain.Remove(name);
                Newest = Math.Max(Newest, revision);
                if (reads && kind != "delete")
                {
                    await ReadElsewhereAsync(name, sequence, revision);
                }

                break;
            case HttpStatusCode.Conflict or HttpStatusCode.NotFound:
                // A write whose fate was unknown took place after the object had been read.
                break;
            default:
                history.NoteUnknown();
                _server++;
                break;
        }
    }

    /// <summary>A read without a revision through another server shows what was just acknowledged here.</summary>
    private async Task ReadElsewhereAsync(string name, long sequence, long revision)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/{name}");
        (HttpStatusCode Code, JsonElement Body)? answer = await SendAsync(request, servers[(int)((uint)(_server + 1) % servers.Length)]);
        if (answer is { } read
            && (read.Code == HttpStatusCode.NotFound || (read.Code == HttpStatusCode.OK && RevisionOf(read.Body) < revision)))
        {
            history.Violate($"{name} {sequence} at {revision} was acknowledged by one server and not yet shown by another");
        }
    }

    private async Task<bool> ResolveAsync(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/{name}");
        (HttpStatusCode Code, JsonElement Body)? answer = await SendAsync(request);
        long acknowledged = _acknowledged.GetValueOrDefault(name);
        bool mayBeGone = _uncertain.Contains(name) || _known[name] is null;
        switch (answer?.Code)
        {
            case HttpStatusCode.OK:
                long sequence = SequenceOf(answer.Value.Body);
                if (sequence < acknowledged)
                {
                    history.Violate($"{name} is back at {sequence}: the acknowledged {acknowledged} is lost");
                }

                _known[name] = (sequence, RevisionOf(answer.Value.Body));
                break;
            case HttpStatusCode.NotFound:
                if (!mayBeGone)
                {
                    history.Violate($"{name} is gone: the acknowledged {acknowledged} is lost");
                }

                _known[name] = null;
                break;
            default:
                _server++;
                return false;
        }

        _uncertain.Remove(name);
        return true;
    }

    private async Task<(HttpStatusCode Code, JsonElement Body)?> SendAsync(HttpRequestMessage request, HttpClient? server = null)
    {
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            using HttpResponseMessage response = await (server ?? servers[(int)((uint)_server % servers.Length)])
                .SendAsync(request, limit.Token);
            using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token));
            JsonElement root = body.RootElement.Clone();
            if ((int)response.StatusCode >= 400 && root.GetProperty("kind").GetString() != "Status")
            {
                history.Violate($"{request.RequestUri}: {(int)response.StatusCode} without a Status");
            }

            return (response.StatusCode, root);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
        catch (JsonException)
        {
            history.Violate($"{request.Method} {request.RequestUri}: the answer is no JSON");
            return null;
        }
    }

    private static StringContent Body(string name, long sequence, long revision)
    {
        string version = revision > 0 ? $",\"resourceVersion\":\"{revision}\"" : "";
        return new(
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"{{{version}}}},"data":{"n":"{{{sequence}}}","pad":"{{{new string('x', 500)}}}"}}""",
            Encoding.UTF8, "application/json");
    }

    private static long RevisionOf(JsonElement obj) =>
        long.Parse(obj.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, CultureInfo.InvariantCulture);
}
