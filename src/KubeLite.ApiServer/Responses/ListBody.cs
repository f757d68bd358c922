using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>The body of a list: written straight into the connection's pipe, or through gzip for clients far away.</summary>
public sealed class ListBody : IAsyncDisposable
{
    private readonly PipeWriter _writer;
    private readonly bool _compressed;

    private ListBody(PipeWriter writer, bool compressed)
    {
        _writer = writer;
        _compressed = compressed;
    }

    /// <summary>Where the bytes go.</summary>
    public IBufferWriter<byte> Writer => _writer;

    /// <summary>The body of an answer. On loopback bytes are cheaper than compressing them.</summary>
    public static ListBody For(ApiRequest request)
    {
        HttpResponse response = request.Http.Response;
        bool near = request.Http.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address);
        if (near || !request.Http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            return new ListBody(response.BodyWriter, false);
        }

        response.Headers.ContentEncoding = "gzip";
        response.Headers.Vary = "Accept-Encoding";
        return new ListBody(PipeWriter.Create(new GZipStream(response.Body, CompressionLevel.Fastest)), true);
    }

    /// <summary>Sends what was written so far.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await _writer.FlushAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_compressed)
        {
            await _writer.CompleteAsync();
        }
    }
}
