using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Allocations.Tests;

/// <summary>
/// Holds the hot paths to their budgets, from the request to the bytes of the answer, authentication and admission with it.
/// </summary>
public sealed class AllocationTests(MeasuredServer server, ITestOutputHelper output) : IClassFixture<MeasuredServer>
{
    // So many watch that what the creates vary by, of which most is subtracted, is little beside what is delivered.
    private const int Requests = 200, Watchers = 200, Events = 50;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static int s_names;

    [Fact]
    public async Task Get_AllocatesWithinBudget()
    {
        double bytes = await PerRequestAsync(i => new Exchange("GET", $"/api/v1/namespaces/read/pods/pod-{i}"), 200);

        Budget.Check("get a Pod", bytes, output);
    }

    [Fact]
    public async Task CachedList_AllocatesWithinBudget()
    {
        long all = await ListAsync(""), some = await ListAsync($"&limit={MeasuredServer.Pods / 2}");

        Budget.Check("item of a cached list", (all - some) / (MeasuredServer.Pods / 2.0), output);
    }

    [Fact]
    public async Task Create_AllocatesWithinBudget()
    {
        double bytes = await PerRequestAsync(
            _ => new Exchange("POST", "/api/v1/namespaces/read/pods", MeasuredServer.Pod($"new-{s_names++}")), 201);

        Budget.Check("create a Pod", bytes, output);
    }

    [Fact]
    public async Task PatchStatus_AllocatesWithinBudget()
    {
        double bytes = await PerRequestAsync(
            i => new Exchange(
                "PATCH", $"/api/v1/namespaces/read/pods/pod-{i}/status",
                Encoding.UTF8.GetBytes(
                    $$$$"""{"status":{"conditions":[{"type":"Ready","status":"True","reason":"R{{{{s_names++}}}}"}]}}"""),
                "application/strategic-merge-patch+json"),
            200);

        Budget.Check("patch a Pod's status", bytes, output);
    }

    [Theory]
    [InlineData("application/json", "event delivered to a watcher")]
    [InlineData("application/vnd.kubernetes.protobuf", "event delivered to a watcher in protobuf")]
    public async Task DeliveredEvent_AllocatesWithinBudget(string accept, string path)
    {
        long unwatched = await Budget.BytesAsync(() => WriteAsync([]));
        using var stop = new CancellationTokenSource();
        var watches = new List<(Exchange Exchange, Task Running)>();
        for (int i = 0; i < Watchers; i++)
        {
            var exchange = new Exchange("GET", "/api/v1/namespaces/read/configmaps?watch=1");
            exchange.Http.RequestAborted = stop.Token;
            exchange.Http.Request.Headers.Accept = accept;
            watches.Add((exchange, server.HandleAsync(exchange)));
        }

        Exchange[] watchers = [.. watches.Select(w => w.Exchange)];
        long watched = await Budget.BytesAsync(() => WriteAsync(watchers));
        await stop.CancelAsync();
        await Task.WhenAll(watches.Select(w => w.Running));

        Budget.Check(path, (watched - unwatched) / (double)(Events * Watchers), output);
    }

    /// <summary>Bytes of one request, without what its context costs.</summary>
    private async Task<double> PerRequestAsync(Func<int, Exchange> request, int code)
    {
        var exchanges = new Exchange[Requests];
        long least = long.MaxValue;
        for (int round = 0; round <= Budget.Rounds; round++)
        {
            for (int i = 0; i < Requests; i++)
            {
                exchanges[i] = request(i);
            }

            long before = GC.GetTotalAllocatedBytes(precise: true);
            foreach (Exchange exchange in exchanges)
            {
                await server.HandleAsync(exchange);
            }

            long used = GC.GetTotalAllocatedBytes(precise: true) - before;
            Assert.All(exchanges, e => Assert.Equal(code, e.Http.Response.StatusCode));
            least = Math.Min(least, used);
        }

        return least / (double)Requests;
    }

    private Task<long> ListAsync(string query) => Budget.BytesAsync(async () =>
    {
        Exchange exchange = await server.SendAsync("GET", "/api/v1/namespaces/read/pods?resourceVersion=0" + query, null, 200);
        Assert.True(exchange.Answer.Bytes > MeasuredServer.Pods * 500);
    });

    /// <summary>
    /// Creates objects one by one, each when every watcher has the one before: how many events a watcher finds at once is chance.
    /// </summary>
    private async Task WriteAsync(Exchange[] watchers)
    {
        long[] seen = [.. watchers.Select(w => w.Answer.Sent)];
        for (int i = 1; i <= Events; i++)
        {
            await server.SendAsync(
                "POST", "/api/v1/namespaces/read/configmaps", Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"c-{{{s_names++}}}"}}"""),
                201);
            for (int w = 0; w < watchers.Length; w++)
            {
                watchers[w].Answer.WaitForSent(seen[w] + i, s_patience);
            }
        }
    }
}
