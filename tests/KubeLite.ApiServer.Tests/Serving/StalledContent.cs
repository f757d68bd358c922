using System.Net;
using System.Text;

namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>A body of which the first byte is sent at once and the rest when <see cref="Release"/> says so.</summary>
public sealed class StalledContent : HttpContent
{
    private readonly byte[] _body;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A JSON body.</summary>
    public StalledContent(string json)
    {
        _body = Encoding.UTF8.GetBytes(json);
        Headers.ContentType = new("application/json");
    }

    /// <summary>Sends the rest.</summary>
    public void Release() => _released.TrySetResult();

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_body.AsMemory(0, 1));
        await stream.FlushAsync();
        await _released.Task;
        await stream.WriteAsync(_body.AsMemory(1));
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
