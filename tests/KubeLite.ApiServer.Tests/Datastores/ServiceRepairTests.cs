using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.ApiServer.Tests.Datastores;

public sealed class ServiceRepairTests : IDisposable
{
    private const string Services = "/api/v1/namespaces/shop/services", Addresses = "/apis/networking.k8s.io/v1/ipaddresses/";
    private static readonly TimeSpan s_round = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_AllocationsTornByAKill_AreMended()
    {
        await using (SqliteStore store = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Path = _folder.File("store.db") }, _time, NullLogger<SqliteStore>.Instance, CancellationToken.None))
        {
            await KubernetesData.WriteAsync(store);
            await KubernetesData.WriteTornAllocationsAsync(store);
        }

        await using RunningServer server = await RunningServer.StartAsync(
            o => o with { Datastore = "sqlite", SqliteFile = _folder.File("store.db") }, _time);

        // What a Service has is noted at once; what none has may be on its way to one, and waits for three rounds.
        await UntilAsync(server, Addresses + "10.96.0.20", HttpStatusCode.OK, TimeSpan.Zero);
        Assert.Equal("bare", (await server.GetAsync(Addresses + "10.96.0.20")).MapAt("spec").MapAt("parentRef").String("name"));
        // Ports are noted after addresses, so they may still be on their way.
        await UntilTakenAsync(server, 30070);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await CreateAsync(server, 30090));
        await server.GetAsync(Addresses + "10.96.0.99");

        await UntilAsync(server, Addresses + "10.96.0.99", HttpStatusCode.NotFound, s_round);
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(server, 30090));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await CreateAsync(server, 30080));
    }

    private static Task UntilTakenAsync(RunningServer server, int port) => Until.TrueAsync(
        async () => await CreateAsync(server, port, "?dryRun=All") == HttpStatusCode.UnprocessableEntity, $"node port {port} is taken");

    private static async Task<HttpStatusCode> CreateAsync(RunningServer server, int port, string query = "")
    {
        (HttpStatusCode code, JsonMap _) = await server.SendAsync(
            HttpMethod.Post, Services + query,
            $$$"""{"metadata":{"name":"p{{{port}}}"},"spec":{"type":"NodePort","ports":[{"port":1,"nodePort":{{{port}}}}]}}""");
        return code;
    }

    private Task UntilAsync(RunningServer server, string path, HttpStatusCode wanted, TimeSpan step) => Until.TrueAsync(
        async () =>
        {
            if ((await server.SendAsync(HttpMethod.Get, path)).Code == wanted)
            {
                return true;
            }

            _time.Advance(step);
            return false;
        },
        $"{path} answers {wanted}");
}
