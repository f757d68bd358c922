using System.Buffers;
using System.Text.Json;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Reads a list's body, each item by a reader of the caller's.</summary>
internal static class ListReader
{
    private const int FirstSize = 64 * 1024;

    internal static async Task<ResourceList<T>> ReadAsync<T>(Stream body, ObjectReader<T> item, CancellationToken cancellationToken)
    {
        // In one piece: a page of 500 objects is a few megabytes, and reading across seams takes twice as long.
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return Parse(new ReadOnlySequence<byte>(buffer, 0, length), item);
                }
                length += read;
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ResourceList<T> Parse<T>(in ReadOnlySequence<byte> json, ObjectReader<T> item)
    {
        var reader = new Utf8JsonReader(json.FirstSpan);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A list is not an object.");
        }
        var list = new ResourceList<T>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                list.Metadata = JsonSerializer.Deserialize(ref reader, KubeJson.Type<V1ListMeta>(KubeJson.Options));
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                {
                    continue;
                }
                if (reader.TokenType != JsonTokenType.StartArray)
                {
                    throw new JsonException("The items of a list are not an array.");
                }
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items.Add(item(ref reader, json));
                }
            }
            else
            {
                reader.Skip();
            }
        }
        return list;
    }
}
