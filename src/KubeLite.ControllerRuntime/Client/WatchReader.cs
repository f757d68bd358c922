using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Splits a watch's body into its lines and reads each.</summary>
internal static class WatchReader
{
    /// <summary>
    /// The events until the server ends the stream. An <c>ERROR</c> event is thrown as <see cref="ApiStatusException"/>.
    /// </summary>
    internal static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 4096, minimumReadSize: 1024));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (TryTakeLine(ref buffer, out var line))
                {
                    if (!line.IsEmpty)
                    {
                        yield return Parse<T>(line);
                    }
                }
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent<T> Parse<T>(in ReadOnlySequence<byte> line)
    {
        var peek = new Utf8JsonReader(line);
        if (IsError(ref peek))
        {
            var error = new Utf8JsonReader(line);
            var status = JsonSerializer.Deserialize<WatchEvent<T>.ErrorFrame>(ref error, KubeJson.Options)!
                .Object.Deserialize<V1Status>(KubeJson.Options);
            throw new ApiStatusException(status ?? new V1Status { Code = 500, Message = "The watch failed without saying why." });
        }
        var reader = new Utf8JsonReader(line);
        var frame = JsonSerializer.Deserialize<WatchEvent<T>.Frame>(ref reader, KubeJson.Options);
        return frame is not null && frame.Object is { } item
            ? new WatchEvent<T>(frame.Type, item)
            : throw new JsonException("A watch event has no object.");
    }

    // Kubernetes writes "type" first; an ERROR's object is a Status, which must not be read as T.
    private static bool IsError(ref Utf8JsonReader reader) =>
        reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8)
        && reader.Read() && reader.ValueTextEquals("ERROR"u8);
}
