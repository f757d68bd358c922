using System.Net;
using System.Net.Http.Headers;
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
            var links = new ProxyLinks(here, address.Authority, request.Http.Request.Host.Value ?? "");
            Begin(request, answer, links);
            await using Stream body = await answer.Content.ReadAsStreamAsync(request.Aborted);
            await (IsPage(request, answer) ? SendPageAsync(request, body, links) : PumpAsync(request, body));
        }
    }

    private static HttpRequestMessage Onward(ApiRequest request, BackendAddress address, string target, string here)
    {
        HttpRequest from = request.Http.Request;
        var onward = new HttpRequestMessage(
            new HttpMethod(from.Method),
            new Uri(address.Origin + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version11,
        };
        if (request.Http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            onward.Content = new StreamContent(from.Body);
        }

        // The backend sees the name under which it is asked for, not its own.
        onward.Headers.Host = from.Host.Value;
        foreach (var (name, values) in ForwardedHeaders.WithForwardedFor(request, ForwardedHeaders.OfRequest(from, upgrade: false)))
        {
            if (!onward.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                onward.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        onward.Headers.Remove("X-Forwarded-Uri");
        onward.Headers.TryAddWithoutValidation("X-Forwarded-Uri", here + target.Split('?')[0]);
        return onward;
    }

    private static void Begin(ApiRequest request, HttpResponseMessage answer, ProxyLinks links)
    {
        string? location = answer.Headers.NonValidated.TryGetValues("Location", out HeaderStringValues given) ? given.ToString() : null;
        string? led = string.IsNullOrEmpty(location)
            ? null
            : links.Rewrite(location)
                ?? throw ApiException.Internal($"error trying to parse Location header: parse {FieldError.GoQuote(location)}: invalid URL");
        HttpResponse response = request.Http.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.NonValidated.Select(h => (h.Key, (IEnumerable<string>)h.Value))
            .Concat(answer.Content.Headers.NonValidated.Select(h => (h.Key, (IEnumerable<string>)h.Value))))
        {
            if (ForwardedHeaders.Returns(name))
            {
                // Beside what this server says of every answer.
                response.Headers.Append(name, values.ToArray());
            }
        }

        if (led is not null)
        {
            response.Headers.Location = led;
        }
    }

    private static bool IsPage(ApiRequest request, HttpResponseMessage answer) =>
        !HttpMethods.IsHead(request.Http.Request.Method) && request.Http.Response.Headers.Location.Count == 0 &&
        ProxiedPage.Is(request.Http.Response.ContentType, request.Http.Response.Headers.ContentEncoding.ToString())
            && (int)answer.StatusCode is not (204 or 304);

    private static async Task SendPageAsync(ApiRequest request, Stream body, ProxyLinks links)
    {
        HttpResponse response = request.Http.Response;
        (byte[]? page, byte[] read) = await ProxiedPage.ReadAsync(
            body, response.Headers.ContentEncoding.ToString(), links, request.Aborted);
        if (page is not null)
        {
            response.ContentLength = page.Length;
            await response.BodyWriter.WriteAsync(page, request.Aborted);
            return;
        }

        await response.BodyWriter.WriteAsync(read, request.Aborted);
        await PumpAsync(request, body);
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
