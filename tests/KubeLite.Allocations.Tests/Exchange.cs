using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.Allocations.Tests;

/// <summary>One request and its answer without a connection: what Kestrel allocates for its own part stays out of the count.</summary>
public sealed class Exchange : IHttpResponseBodyFeature
{
    private readonly DefaultHttpContext _http = new();
    private readonly CountingPipeWriter _writer = new();

    /// <summary>Prepares a request of the administrator.</summary>
    public Exchange(string method, string path, byte[]? body = null, string type = "application/json")
    {
        int query = path.IndexOf('?', StringComparison.Ordinal);
        _http.Features.Set<IHttpResponseBodyFeature>(this);
        HttpRequest request = _http.Request;
        request.Method = method;
        request.Scheme = "https";
        request.Protocol = "HTTP/2";
        request.Path = query < 0 ? path : path[..query];
        request.QueryString = query < 0 ? QueryString.Empty : new QueryString(path[query..]);
        request.Headers.Host = "127.0.0.1";
        request.Headers.Accept = "application/json";
        request.Headers.Authorization = "Bearer " + MeasuredServer.Token;
        if (body is not null)
        {
            request.ContentType = type;
            request.ContentLength = body.Length;
            request.Body = new MemoryStream(body, writable: false);
        }
    }

    /// <summary>The context that the server is given.</summary>
    public HttpContext Http => _http;

    /// <summary>What was answered, counted.</summary>
    public CountingPipeWriter Answer => _writer;

    /// <inheritdoc />
    public PipeWriter Writer => _writer;

    /// <inheritdoc />
    public Stream Stream => throw new NotSupportedException("answers are written to the pipe");

    /// <inheritdoc />
    public void DisableBuffering()
    {
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc />
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("no answer is a file");

    /// <inheritdoc />
    public Task CompleteAsync() => Task.CompletedTask;
}
