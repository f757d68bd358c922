using System.Text;
using KubeLite.ApiServer;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.Allocations.Tests;

/// <summary>
/// An API server in this process on the memory store, whose requests come without a connection, and which has Pods to read.
/// </summary>
public sealed class MeasuredServer : IAsyncLifetime
{
    /// <summary>The administrator's token.</summary>
    public const string Token = "admin-token";

    /// <summary>How many Pods there are to read.</summary>
    public const int Pods = 1000;

    private readonly string _tokens = Path.GetTempFileName();
    private ApiServerProcess _process = null!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokens, $"{Token},admin,1,\"system:masters\"\n");
        _process = new ApiServerProcess(
            new ApiServerOptions { BindAddress = "127.0.0.1", SecurePort = 0, TokenAuthFile = _tokens, Datastore = "memory" },
            NullLoggerFactory.Instance, TimeProvider.System);
        await _process.StartAsync(CancellationToken.None);
        await SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"read"}}"""u8.ToArray(), 201);
        await SendAsync("POST", "/api/v1/namespaces/read/serviceaccounts", """{"metadata":{"name":"default"}}"""u8.ToArray(), 201);
        for (int i = 0; i < Pods; i++)
        {
            await SendAsync("POST", "/api/v1/namespaces/read/pods", Pod($"pod-{i}"), 201);
        }
    }

    /// <summary>Answers a request that the caller prepared.</summary>
    public Task HandleAsync(Exchange exchange) => _process.Handler!(exchange.Http);

    /// <summary>Sends a request and checks the code of its answer.</summary>
    public async Task<Exchange> SendAsync(string method, string path, byte[]? body, int code, string type = "application/json")
    {
        var exchange = new Exchange(method, path, body, type);
        await HandleAsync(exchange);
        Assert.Equal(code, exchange.Http.Response.StatusCode);
        return exchange;
    }

    /// <summary>The body of a Pod of about 1.1 KB, the same as the benchmark's.</summary>
    public static byte[] Pod(string name) => Encoding.UTF8.GetBytes($$$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{{name}}}}}","labels":{"app":"benchmark","tier":"backend","release":"stable","name":"{{{{{name}}}}}"},"annotations":{"example.com/owner":"the team that owns the benchmark","example.com/checksum":"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}},"spec":{"schedulerName":"nobody","terminationGracePeriodSeconds":30,"containers":[{"name":"main","image":"registry.example.com/team/service:v1.42.7","args":["--listen=0.0.0.0:8080","--log-level=info"],"ports":[{"name":"http","containerPort":8080},{"name":"metrics","containerPort":9090}],"env":[{"name":"REGION","value":"eu-central"},{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],"resources":{"requests":{"cpu":"10m","memory":"16Mi"},"limits":{"memory":"64Mi"}},"readinessProbe":{"httpGet":{"path":"/readyz","port":"http"},"periodSeconds":5}}],"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists"}]}}
        """);

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        File.Delete(_tokens);
    }
}
