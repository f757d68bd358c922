using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>
/// An API server in memory on a free loopback port: create, get, list, watch, update, patch and delete of any JSON
/// object, the <c>status</c>, <c>scale</c>, <c>finalize</c>, <c>binding</c> and <c>eviction</c> subresources, selectors,
/// discovery and partial metadata. It defaults and validates nothing.
/// </summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FakeStore _store;
    private readonly FakeRequests _requests;
    private readonly List<ApiClient> _clients = [];
    private readonly TimeProvider _time;

    private FakeApiServer(WebApplication app, FakeStore store, FakeRequests requests, TimeProvider time)
    {
        _app = app;
        _store = store;
        _requests = requests;
        _time = time;
    }

    /// <summary>Where it serves.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>How to reach it.</summary>
    public ApiClientOptions ClientOptions => new() { Server = Address, UserAgent = "test" };

    /// <summary>Starts a server; its creation times come from <paramref name="time"/>.</summary>
    public static async Task<FakeApiServer> StartAsync(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        var store = new FakeStore(time);
        var requests = new FakeRequests(store);
        app.Run(requests.HandleAsync);
        await app.StartAsync();
        return new FakeApiServer(app, store, requests, time);
    }

    /// <summary>A client of this server, disposed with it.</summary>
    public ApiClient NewClient()
    {
        var client = new ApiClient(ClientOptions, _time);
        _clients.Add(client);
        return client;
    }

    /// <summary>Serves one more resource.</summary>
    public void Serve(FakeResource resource) => _requests.Resources.Add(resource);

    /// <summary>Answers requests for which the function gives a code with that code; null lets them through.</summary>
    public void Fault(Func<string, string, int?>? methodAndPath) => _requests.Fault = methodAndPath;

    /// <summary>Every request so far, as <c>METHOD /path?query</c>.</summary>
    public IReadOnlyList<string> Requests => _requests.Log();

    /// <summary>Forgets history, so that watches from older versions get 410.</summary>
    public void Compact() => _store.Compact();

    /// <summary>Ends every watch that is open now, cleanly.</summary>
    public void EndWatches() => _requests.EndWatches();

    /// <summary>What is stored, or null.</summary>
    public T? Find<T>(string? ns, string name) where T : class
    {
        var info = ResourceInfo.Of<T>();
        return _store.Get(_requests.Resource(info.Group, info.Version, info.Plural), ns ?? "", name) is { } node
            ? KubeJson.Deserialize<T>(System.Text.Encoding.UTF8.GetBytes(node.ToJsonString()))
            : null;
    }

    /// <summary>How many objects are stored of any resource.</summary>
    public int Count(FakeResource resource) => _store.List(resource, null, static _ => true).Items.Count;

    /// <summary>All that is stored of a kind, in order of namespace and name.</summary>
    public List<T> List<T>(string? ns = null) where T : class
    {
        var info = ResourceInfo.Of<T>();
        var (items, _) = _store.List(_requests.Resource(info.Group, info.Version, info.Plural), ns, static _ => true);
        return items.ConvertAll(node => KubeJson.Deserialize<T>(System.Text.Encoding.UTF8.GetBytes(node.ToJsonString())));
    }

    /// <summary>Waits, at most 20 seconds, until a condition over what is stored holds; looks again after each change.</summary>
    /// <exception cref="TimeoutException">It never held; the message says what was waited for.</exception>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var (_, changed, _) = _store.Since(_store.Revision);
            if (condition())
            {
                return;
            }
            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("Waited in vain until " + what + ".");
            }
        }
    }

    /// <summary>Ends the server and its clients.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.EndWatches();
        foreach (var client in _clients)
        {
            client.Dispose();
        }
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
