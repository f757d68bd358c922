using KubeLite.ApiServer.Authentication;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Requests;

/// <summary>A request on its way through the server.</summary>
public sealed class ApiRequest(HttpContext http, RequestInfo info, DateTimeOffset now)
{
    private List<string>? _warnings;
    private Action? _begun;

    /// <summary>The HTTP request and response.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>What it is about.</summary>
    public RequestInfo Info { get; } = info;

    /// <summary>When it arrived.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>Who sent it, impersonation applied.</summary>
    public UserInfo User { get; set; } = UserInfo.Anonymous;

    /// <summary>How long it may take; null for as long as its client wants.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>Ends when the client goes away or the server's time for the request is over.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Has something done once a watch has begun: what it begins with is sent, and it only follows.</summary>
    public void OnBegun(Action action) => _begun = action;

    /// <summary>The watch has begun, or never will; does nothing the second time.</summary>
    public void Begun() => Interlocked.Exchange(ref _begun, null)?.Invoke();

    /// <summary>What the answer's Warning headers say.</summary>
    public IReadOnlyList<string> Warnings => _warnings ?? [];

    /// <summary>A query parameter; null where it is absent.</summary>
    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

    /// <summary>Adds a warning once.</summary>
    public void Warn(string text)
    {
        _warnings ??= [];
        if (!_warnings.Contains(text))
        {
            _warnings.Add(text);
        }
    }
}
