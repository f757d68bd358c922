using System.Buffers;
using System.Text.Json;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerManager.Running;

/// <summary>Compares models by what they say on the wire; their own equality compares lists by reference.</summary>
public static class JsonCompare
{
    /// <summary>Whether both say the same, whatever the order of map keys.</summary>
    public static bool Same<T>(T? left, T? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }
        var a = KubeJson.Serialize(left);
        var b = KubeJson.Serialize(right);
        if (a.AsSpan().SequenceEqual(b))
        {
            return true;
        }
        using var first = JsonDocument.Parse(a);
        using var second = JsonDocument.Parse(b);
        return JsonElement.DeepEquals(first.RootElement, second.RootElement);
    }

    /// <summary>UTF-8 JSON with sorted keys, so that equal values give equal bytes.</summary>
    public static byte[] Canonical<T>(T value)
    {
        using var document = JsonDocument.Parse(KubeJson.Serialize(value));
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, document.RootElement);
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
