using System.Text;

namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>A POST that is being served and waits for the rest of its body.</summary>
/// <param name="Content">Sends the rest when it is told to.</param>
/// <param name="Answer">The answer.</param>
public sealed record StalledRequest(StalledContent Content, Task<HttpResponseMessage> Answer)
{
    /// <summary>Sends it and waits until the server counts it as served; no other may change anything meanwhile.</summary>
    /// <param name="server">The server.</param>
    /// <param name="client">Sends it.</param>
    /// <param name="path">Where to.</param>
    /// <param name="body">Its body.</param>
    public static async Task<StalledRequest> StartAsync(ApiServerFixture server, HttpClient client, string path, string body)
    {
        var content = new StalledContent(body);
        Task<HttpResponseMessage> answer = client.PostAsync(path, content);
        await Until.TrueAsync(
            async () => (await server.SendAsync("GET", "/metrics")).Text.Contains(
                "apiserver_current_inflight_requests{request_kind=\"mutating\"} 1\n", StringComparison.Ordinal),
            "the request is in");
        return new StalledRequest(content, answer);
    }
}
