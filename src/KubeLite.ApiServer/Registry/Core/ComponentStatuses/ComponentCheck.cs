using System.Globalization;
using System.Net.Sockets;

namespace KubeLite.ApiServer.Registry.Core.ComponentStatuses;

/// <summary>A component of the control plane that ComponentStatuses tell of, and how it is asked for its health.</summary>
/// <param name="Name">The name of its ComponentStatus.</param>
/// <param name="AskAsync">Asks it; throws only when cancelled.</param>
public sealed record ComponentCheck(string Name, Func<CancellationToken, Task<ComponentHealth>> AskAsync)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// One that serves its health at a port of this host, with whatever certificate (v1.36, <c>componentstatus/validator.go</c>).
    /// </summary>
    public static ComponentCheck AtPort(string name, int port) =>
        new(name, cancellationToken => ProbeAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), cancellationToken));

    private static async Task<ComponentHealth> ProbeAsync(string address, CancellationToken cancellationToken)
    {
        string url = $"https://{address}/healthz";
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var client = new HttpClient(handler) { Timeout = s_timeout };
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(url), cancellationToken);
            return answer.IsSuccessStatusCode
                ? new(true, await answer.Content.ReadAsStringAsync(cancellationToken))
                : new(false, $"HTTP probe failed with statuscode: {(int)answer.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            bool refused = e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            return new(false, $"Get \"{url}\": " + (refused ? $"dial tcp {address}: connect: connection refused" : e.Message));
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, $"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
    }
}
