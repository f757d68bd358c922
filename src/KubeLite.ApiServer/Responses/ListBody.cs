using System.Buffers;
using System.IO.Compression;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Responses;

/// <summary>
/// The body of a list: written straight into the connection's pipe, or for clients that want gzip held back until it is known
/// to be large enough for that.
/// </summary>
public sealed class ListBody : IAsyncDisposable
{
    private readonly HttpResponse _response;
    private readonly BlockWriter? _blocks;
    private readonly ArrayBufferWriter<byte>? _held;
    private GZipStream? _gzip;

    private ListBody(HttpResponse response, bool compress)
    {
        _response = response;
        if (compress)
        {
            _held = new ArrayBufferWriter<byte>(16 * 1024);
        }
        else
        {
            _blocks = new BlockWriter(response.BodyWriter);
        }
    }

    /// <summary>Where the bytes go.</summary>
    public IBufferWriter<byte> Writer => _held is null ? _blocks! : _held;

    /// <summary>The body of an answer.</summary>
    public static ListBody For(ApiRequest request) => new(request.Http.Response, ResponseCompression.IsWanted(request));

    /// <summary>Sends what was written so far, if it is known in which form.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_held is null)
        {
            _blocks!.Commit();
            await _response.BodyWriter.FlushAsync(cancellationToken);
            return;
        }

        if (_gzip is null && _held.WrittenCount <= ResponseCompression.Threshold)
        {
            return;
        }

        _gzip ??= ResponseCompression.Begin(_response);
        await _gzip.WriteAsync(_held.WrittenMemory, cancellationToken);
        _held.ResetWrittenCount();
    }

    /// <summary>Sends the rest: nothing more is written.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (_held is { WrittenCount: > 0 })
        {
            await _response.BodyWriter.WriteAsync(_held.WrittenMemory, cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _gzip?.DisposeAsync() ?? ValueTask.CompletedTask;
}
