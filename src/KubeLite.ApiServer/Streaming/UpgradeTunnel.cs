using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Passes a request that upgrades its connection (SPDY/3.1, WebSocket) on to a backend and then every byte in both
/// directions, not knowing what they say. A backend that refuses is answered for in its own words.
/// </summary>
/// <param name="stopping">Ends tunnels when the server stops.</param>
public sealed class UpgradeTunnel(CancellationToken stopping)
{
    /// <summary>True where the request asks for its connection to be upgraded.</summary>
    public static bool IsUpgrade(ApiRequest request)
    {
        foreach (string? value in request.Http.Request.Headers.Connection)
        {
            if (value is not null && value.Split(',', StringSplitOptions.TrimEntries).Contains("upgrade", StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Serves the request; returns when the connection has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connector">Connects to the backend.</param>
    /// <param name="address">The backend.</param>
    /// <param name="target">Path and query there, escaped.</param>
    /// <exception cref="ApiException">500: the backend can't be reached or answers nonsense.</exception>
    public async Task RunAsync(ApiRequest request, BackendConnector connector, BackendAddress address, string target)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        (Stream backend, UpgradeAnswer answer) = await AskAsync(connector, address, UpgradeRequest.Forwarded(request, target), ended.Token);
        await using (backend)
        {
            await (answer.Code == StatusCodes.Status101SwitchingProtocols
                ? SwitchAsync(request, backend, answer, ended.Token)
                : RelayAsync(request, backend, answer, ended.Token));
        }
    }

    /// <summary>Passes on an answer that is an error.</summary>
    internal static async Task RelayAsync(ApiRequest request, Stream backend, UpgradeAnswer answer, CancellationToken ended)
    {
        HttpResponse response = request.Http.Response;
        response.StatusCode = answer.Code;
        foreach ((string name, string value) in answer.Headers)
        {
            if (ForwardedHeaders.Returns(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }

        byte[] body = await answer.ReadBodyAsync(backend, ended);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, ended);
    }

    /// <summary>Connects, sends the request and reads the head of the answer, which isn't a redirect.</summary>
    /// <exception cref="ApiException">500: the backend can't be reached or answers nonsense.</exception>
    internal static async Task<(Stream Backend, UpgradeAnswer Answer)> AskAsync(
        BackendConnector connector, BackendAddress address, byte[] request, CancellationToken ended)
    {
        Stream backend;
        try
        {
            backend = await connector.ConnectAsync(address, ended);
        }
        catch (IOException e)
        {
            throw ApiException.Bare($"error dialing backend: {e.Message}");
        }

        try
        {
            await backend.WriteAsync(request, ended);
            await backend.FlushAsync(ended);
            UpgradeAnswer answer = await UpgradeAnswer.ReadAsync(backend, ended);
            return answer.Code is StatusCodes.Status101SwitchingProtocols or >= 400
                ? (backend, answer)
                : throw ApiException.Bare($"invalid upgrade response: status code {answer.Code}");
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    private static async Task SwitchAsync(ApiRequest request, Stream backend, UpgradeAnswer answer, CancellationToken ended)
    {
        IHttpUpgradeFeature upgrade = request.Http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature
            ? feature
            : throw ApiException.BadRequest("unable to upgrade: the connection can't be taken over");
        HttpResponse response = request.Http.Response;
        response.Headers.Remove("Audit-Id");
        foreach ((string name, string value) in answer.Headers)
        {
            // The connection's own header is set by the upgrade.
            if (!name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && !name.Equals("Date", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }

        await using Stream client = await upgrade.UpgradeAsync();
        if (answer.Rest.Length > 0)
        {
            await client.WriteAsync(answer.Rest, ended);
            await client.FlushAsync(ended);
        }

        await DuplexCopy.RunAsync(client, backend, ended);
    }
}
