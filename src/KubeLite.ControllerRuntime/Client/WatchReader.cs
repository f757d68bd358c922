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
        Stream body, ObjectReader<T> item, [EnumeratorCancellation] CancellationToken cancellationToken)
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
                        yield return Parse(line, item);
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

    // Kubernetes writes "type" first; an ERROR's object is a Status, which must not be read as T.
    private static WatchEvent<T> Parse<T>(in ReadOnlySequence<byte> line, ObjectReader<T> read)
    {
        var reader = line.IsSingleSegment ? new Utf8JsonReader(line.FirstSpan) : new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A watch event is not an object.");
        }
        var type = "";
        T? item = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = TypeOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                if (type == "ERROR")
                {
                    throw new ApiStatusException(JsonSerializer.Deserialize(ref reader, KubeJson.Type<V1Status>(KubeJson.Options))
                        ?? new V1Status { Code = 500, Message = "The watch failed without saying why." });
                }
                item = read(ref reader, line);
            }
            else
            {
                reader.Skip();
            }
        }
        return item is not null ? new WatchEvent<T>(type, item) : throw new JsonException("A watch event has no object.");
    }

    private static string TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("MODIFIED"u8) ? "MODIFIED"
        : reader.ValueTextEquals("ADDED"u8) ? "ADDED"
        : reader.ValueTextEquals("DELETED"u8) ? "DELETED"
        : reader.ValueTextEquals("BOOKMARK"u8) ? "BOOKMARK"
        : reader.GetString() ?? "";
}
