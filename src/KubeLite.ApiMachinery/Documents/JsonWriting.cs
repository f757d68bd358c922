using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Writes documents as JSON text in the order their members stand.</summary>
public static class JsonWriting
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = JsonReading.MaxDepth,
    };

    private static readonly JsonWriterOptions s_indented = s_options with { Indented = true, IndentSize = 2 };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    /// <summary>The value as compact UTF-8 text.</summary>
    public static byte[] ToBytes(object? value)
    {
        Utf8JsonWriter writer = Begin();
        Write(writer, value);
        return End(writer);
    }

    /// <summary>An object as it is stored: without its resourceVersion.</summary>
    /// <param name="obj">The object, whose metadata has a resourceVersion in its place; what it says doesn't matter.</param>
    /// <exception cref="ArgumentException">The metadata has none.</exception>
    public static StoredJson ToStored(JsonMap obj)
    {
        Utf8JsonWriter writer = Begin();
        (int At, bool Before, bool Behind)? place = null;
        writer.WriteStartObject();
        foreach (var (key, member) in obj)
        {
            writer.WritePropertyName(key);
            if (key == "metadata" && member is JsonMap metadata)
            {
                place = WriteWithoutRevision(writer, metadata);
            }
            else
            {
                Write(writer, member);
            }
        }

        writer.WriteEndObject();
        byte[] bytes = End(writer);
        return place is { } found
            ? new StoredJson(bytes, found.At, found.Before, found.Behind)
            : throw new ArgumentException("the object's metadata has no resourceVersion", nameof(obj));
    }

    /// <summary>The value as compact text.</summary>
    public static string ToText(object? value) => System.Text.Encoding.UTF8.GetString(ToBytes(value));

    /// <summary>The value as text of two-space indentation, as <c>?pretty=1</c> asks for.</summary>
    public static byte[] ToIndentedBytes(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, s_indented);
        Write(writer, value);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the value to a writer.</summary>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case JsonRaw raw:
                writer.WriteRawValue(raw.Text, skipInputValidation: true);
                break;
            case JsonMap map:
                writer.WriteStartObject();
                for (int i = 0; i < map.Count; i++)
                {
                    var (key, member) = map.At(i);
                    writer.WritePropertyName(key);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
            case JsonList list:
                writer.WriteStartArray();
                foreach (object? item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"a document holds no {value.GetType().Name}", nameof(value));
        }
    }

    private static Utf8JsonWriter Begin()
    {
        ArrayBufferWriter<byte> buffer = t_buffer ??= new ArrayBufferWriter<byte>(4096);
        Utf8JsonWriter writer = t_writer ??= new Utf8JsonWriter(buffer, s_options);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        return writer;
    }

    private static byte[] End(Utf8JsonWriter writer)
    {
        writer.Flush();
        ArrayBufferWriter<byte> buffer = t_buffer!;
        byte[] bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 1 << 20)
        {
            t_buffer = null;
            t_writer = null;
        }

        return bytes;
    }

    /// <summary>Writes metadata without its resourceVersion.</summary>
    /// <returns>Where that belongs, and whether members stand before and behind it; null where there is none.</returns>
    private static (int At, bool Before, bool Behind)? WriteWithoutRevision(Utf8JsonWriter writer, JsonMap metadata)
    {
        (int At, bool Before, bool Behind)? place = null;
        writer.WriteStartObject();
        for (int i = 0; i < metadata.Count; i++)
        {
            var (key, member) = metadata.At(i);
            if (key == "resourceVersion")
            {
                place = ((int)(writer.BytesCommitted + writer.BytesPending), i > 0, i < metadata.Count - 1);
                continue;
            }

            writer.WritePropertyName(key);
            Write(writer, member);
        }

        writer.WriteEndObject();
        return place;
    }
}
