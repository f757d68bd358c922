using System.Text;
using System.Text.Json;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>
/// A value that is kept in the text in which it was sent, spaces and all, as Kubernetes keeps what it has no type for
/// (a <c>runtime.RawExtension</c>). Equal to any value of the same content; writes its text.
/// </summary>
/// <param name="Text">The JSON text.</param>
/// <param name="Value">What the text says.</param>
public sealed record JsonRaw(string Text, object? Value)
{
    /// <summary>Has a member of a document keep its text where that isn't the one that this server would write.</summary>
    /// <param name="map">The document that was read from <paramref name="json"/>.</param>
    /// <param name="member">The name of a member of the document itself.</param>
    /// <param name="json">The text of the document.</param>
    public static void Keep(JsonMap map, string member, ReadOnlySpan<byte> json)
    {
        if (map[member] is not { } value || Find(json, member) is not { } text || text == JsonWriting.ToText(value))
        {
            return;
        }

        map[member] = new JsonRaw(text, value);
    }

    /// <summary>Puts the value in place of its text.</summary>
    public static void Expand(JsonMap map, string member)
    {
        if (map[member] is JsonRaw raw)
        {
            map[member] = JsonValue.DeepCopy(raw.Value);
        }
    }

    private static string? Find(ReadOnlySpan<byte> json, string member)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonReading.MaxDepth });
        reader.Read();
        string? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool wanted = reader.ValueTextEquals(member);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (wanted)
            {
                // Of members that stand twice the last one counts.
                found = Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]);
            }
        }

        return found;
    }
}
