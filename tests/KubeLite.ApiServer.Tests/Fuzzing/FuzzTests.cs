using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>
/// Sends requests that resemble real ones and are wrong in random ways. The server must answer each, never with an
/// unexpected failure, and what it stored must be readable in every form.
/// </summary>
/// <remarks>
/// The sequence is that of a seed, so a failure comes again. <c>KUBELITE_FUZZ_SEED</c> sets another seed,
/// <c>KUBELITE_FUZZ_REQUESTS</c> another number, <c>KUBELITE_FUZZ_MINUTES</c> runs for that long instead, and
/// <c>KUBELITE_FUZZ_REPORT</c> names a file that gets a summary and all failures:
/// <c>KUBELITE_FUZZ_MINUTES=10 dotnet test tests/KubeLite.ApiServer.Tests --filter FuzzTests</c>.
/// </remarks>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int DefaultSeed = 20260;
    private const int DefaultRequests = 2500;
    private const int RequestsPerNamespace = 150;

    private static readonly string[] s_forms =

        [
            "application/json", "application/yaml", "application/vnd.kubernetes.protobuf,application/json",
            "application/json;as=Table;v=v1;g=meta.k8s.io",
        ];

    private readonly List<string> _failures = [];
    private readonly SortedDictionary<int, int> _codes = [];
    private readonly SortedDictionary<string, int> _own = new(StringComparer.Ordinal);
    private readonly ErrorLog _log = new();
    private string _last = "";

    [Fact]
    public async Task Requests_Mutated_AreAnsweredWithoutFailure()
    {
        int seed = Setting("KUBELITE_FUZZ_SEED", DefaultSeed), minutes = Setting("KUBELITE_FUZZ_MINUTES", 0);
        int count = minutes > 0 ? int.MaxValue : Setting("KUBELITE_FUZZ_REQUESTS", DefaultRequests);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        IReadOnlyList<FuzzSeed> seeds = FuzzSeeds.Load();
        var mutator = new RequestMutator(random);
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(o => o, _log);
        server.Admin.Timeout = TimeSpan.FromSeconds(30);
        var stored = new HashSet<string>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        string ns = "";
        int sent = 0;
        while (sent < count && (minutes == 0 || clock.Elapsed.TotalMinutes < minutes) && _failures.Count < 200)
        {
            if (sent++ % RequestsPerNamespace == 0)
            {
                await ReadBackAsync(server, stored);
                ns = await server.NewNamespaceAsync();
                await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("default"));
            }

            FuzzRequest request = mutator.Make(seeds[random.Next(seeds.Count)], ns);
            if (await SendAsync(server, request) is { } path)
            {
                stored.Add(path);
            }
        }

        await ReadBackAsync(server, stored);
        string summary = $"seed {seed}: {sent} requests in {clock.Elapsed.TotalSeconds:0} s, {_failures.Count} failures\n" +
            $"answers: {string.Join(", ", _codes.Select(c => $"{c.Value} × {c.Key}"))}\n" +
            $"5xx as Kubernetes gives them: {string.Join(", ", _own.Select(o => $"{o.Value} × {o.Key}"))}";
        output.WriteLine(summary);
        if (Environment.GetEnvironmentVariable("KUBELITE_FUZZ_REPORT") is { Length: > 0 } report)
        {
            await File.WriteAllTextAsync(report, string.Join("\n\n", [summary, .. _failures]));
        }

        Assert.True(
            _failures.Count == 0, $"seed {seed}, {sent} requests: {_failures.Count} failures\n\n{string.Join("\n\n", _failures.Take(40))}");
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Sends a request.</summary>
    /// <returns>The path of the object that it stored, where it did.</returns>
    private async Task<string?> SendAsync(ApiServerFixture server, FuzzRequest request)
    {
        using var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri(server.Address.GetLeftPart(UriPartial.Authority) + request.Path));
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.Type);
        }

        try
        {
            using HttpResponseMessage response = await server.Admin.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
            int code = (int)response.StatusCode;
            _codes[code] = _codes.GetValueOrDefault(code) + 1;
            byte[] body = code == 200 && request.Streams ? [] : await response.Content.ReadAsByteArrayAsync();
            Check(request, code, body);
            _last = $"{request}\n  got {code}";
            return code is 200 or 201 && request.Method is "POST" or "PUT" or "PATCH" ? PathOf(request, body) : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            _failures.Add($"{request}\n  got no answer: {e.Message} {string.Join('\n', _log.Errors)}\n  sent before: {_last}");
            _log.Errors.Clear();
            return null;
        }
    }

    /// <summary>Notes what must not be: errors that were logged, and 5xx that Kubernetes doesn't give for that request.</summary>
    private void Check(FuzzRequest request, int code, byte[] body)
    {
        if (!_log.Errors.IsEmpty)
        {
            _failures.Add($"{request}\n  logged: {string.Join('\n', _log.Errors)}");
            _log.Errors.Clear();
            return;
        }

        string text = System.Text.Encoding.UTF8.GetString(body);
        if (code < 500)
        {
            return;
        }

        if (KubernetesOwn.Cause(request, code, text) is { } cause)
        {
            _own[cause] = _own.GetValueOrDefault(cause) + 1;
        }
        else
        {
            _failures.Add($"{request}\n  got {code}: {text}");
        }
    }

    private static string? PathOf(FuzzRequest request, byte[] body)
    {
        if (request.Accept.Contains("as=", StringComparison.Ordinal) || request.Path.Contains("dryRun", StringComparison.Ordinal))
        {
            return null;
        }

        string path = request.Path.Split('?')[0];
        if (request.Method != "POST")
        {
            return path;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("metadata", out JsonElement metadata) && metadata.TryGetProperty("uid", out _) &&
                metadata.TryGetProperty("name", out JsonElement name)
                ? $"{path.TrimEnd('/')}/{Uri.EscapeDataString(name.GetString()!)}"
                : null;
        }
        catch (JsonException)
        {
            // YAML or protobuf: others of its kind are read back.
            return null;
        }
    }

    private async Task ReadBackAsync(ApiServerFixture server, HashSet<string> stored)
    {
        foreach (string path in stored.Order(StringComparer.Ordinal))
        {
            foreach (string accept in s_forms)
            {
                ApiAnswer answer = await server.SendAsync("GET", path, accept: accept);
                // Later requests may have deleted it, or its path only takes writes.
                if (answer.Code is not (200 or 404 or 405 or 406) || !_log.Errors.IsEmpty)
                {
                    _failures.Add(
                        $"GET {path}\n  Accept: {accept}\n  got {answer.Code}: {answer.Text}\n  logged: {string.Join('\n', _log.Errors)}");
                    _log.Errors.Clear();
                }
                else if (answer.Code == 200 && accept == "application/json" && answer.Bytes.Length == 0)
                {
                    _failures.Add($"GET {path} is empty");
                }
            }
        }

        stored.Clear();
    }
}
