using System.Net;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Passes a plain request on to a backend and its answer back, bodies streamed as they come.</summary>
public static class ReverseProxy
{
    /// <summary>Serves the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connector">Connects to the backend.</param>
    /// <param name="address">The backend.</param>
    /// <param name="target">Path and query there, escaped.</param>
    /// <param name="here">The path that stands for the backend's root here; redirects within the backend are told in its terms.</param>
    /// <exception cref="ApiException">503: the backend can't be reached.</exception>
    public static async Task RunAsync(ApiRequest request, BackendConnector connector, BackendAddress address, string target, string here)
    {
        if (request.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // What a backend takes is its own affair.
            limit.MaxRequestBodySize = null;
        }

        using HttpRequestMessage onward = Onward(request, address, target, here);
        HttpResponseMessage answer;
        try
        {
            answer = await connector.Http.SendAsync(onward, request.Aborted);
        }
        catch (HttpRequestException e)
        {
            throw new ApiException(503, "ServiceUnavailable", $"error trying to reach service: {BackendConnector.Explain(e, address)}");
        }

        using (answer)
        {
            Begin(request, answer, address, here);
            await using Stream body = await answer.Content.ReadAsStreamAsync(request.Aborted);
            await PumpAsync(request, body);
        }
    }

    private static HttpRequestMessage Onward(ApiRequest request, BackendAddress address, string target, string here)
    {
        HttpRequest from = request.Http.Request;
        var onward = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(address.Origin + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version11,
        };
        if (request.Http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            onward.Content = new StreamContent(from.Body);
        }

        foreach (var (name, values) in ForwardedHeaders.OfRequest(from, upgrade: false))
        {
            if (!onward.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                onward.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        onward.Headers.TryAddWithoutValidation("X-Forwarded-Uri", here + target.Split('?')[0]);
        onward.Headers.TryAddWithoutValidation("X-Forwarded-Host", from.Host.Value);
        onward.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        if (request.Http.Connection.RemoteIpAddress is { } remote)
        {
            string client = (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).ToString();
            onward.Headers.Remove("X-Forwarded-For");
            onward.Headers.TryAddWithoutValidation("X-Forwarded-For", from.Headers["X-Forwarded-For"].ToString() is { Length: > 0 } before ? $"{before}, {client}" : client);
        }

        return onward;
    }

    private static void Begin(ApiRequest request, HttpResponseMessage answer, BackendAddress address, string here)
    {
        HttpResponse response = request.Http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.NonValidated.Select(h => (h.Key, (IEnumerable<string>)h.Value))
            .Concat(answer.Content.Headers.NonValidated.Select(h => (h.Key, (IEnumerable<string>)h.Value))))
        {
            if (ForwardedHeaders.Returns(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        if (response.Headers.Location.ToString() is { Length: > 0 } location)
        {
            response.Headers.Location = Here(location, address, here);
        }
    }

    /// <summary>A redirect of the backend, as a path of this server where it stays within the backend.</summary>
    private static string Here(string location, BackendAddress address, string here)
    {
        if (location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal))
        {
            return here + location;
        }

        return location.StartsWith(address.Origin + "/", StringComparison.OrdinalIgnoreCase) ? here + location[address.Origin.Length..] : location;
    }

    private static async Task PumpAsync(ApiRequest request, Stream body)
    {
        HttpResponse response = request.Http.Response;
        // Headers go at once: what follows may be a stream that says nothing for long.
        await response.StartAsync(request.Aborted);
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await ReadAsync(request, body, buffer)) > 0)
        {
            await response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), request.Aborted);
        }
    }

    private static async ValueTask<int> ReadAsync(ApiRequest request, Stream body, byte[] buffer)
    {
        try
        {
            return await body.ReadAsync(buffer, request.Aborted);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The backend broke off: the client must not take what it has for the whole.
            request.Http.Abort();
            return 0;
        }
    }
}
