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
        ArrayBufferWriter<byte> buffer = t_buffer ??= new ArrayBufferWriter<byte>(4096);
        Utf8JsonWriter writer = t_writer ??= new Utf8JsonWriter(buffer, s_options);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        Write(writer, value);
        writer.Flush();
        byte[] bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 1 << 20)
        {
            t_buffer = null;
            t_writer = null;
        }

        return bytes;
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
}
